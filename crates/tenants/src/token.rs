use std::fmt;

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// What our own tokens begin with, so that they are known where they should not be.
pub(crate) const TOKEN_PREFIX: &str = "lgt_";

/// The SHA-256 of a token: all that is kept of it. `Debug` shows nothing of it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct TokenDigest([u8; 32]);

impl TokenDigest {
    /// The digest of a token as a caller sends it.
    #[must_use]
    pub fn of(token: &str) -> Self {
        Self(Sha256::digest(token.as_bytes()).into())
    }

    /// Reads 64 hexadecimal digits; `None` for anything else.
    #[must_use]
    pub fn from_hex(text: &str) -> Option<Self> {
        let digits = text.bytes().map(|b| char::from(b).to_digit(16)).collect::<Option<Vec<_>>>()?;
        let bytes: Vec<u8> =
            digits.chunks_exact(2).filter_map(|pair| u8::try_from(pair[0] * 16 + pair[1]).ok()).collect();
        (digits.len() == 64).then(|| bytes.try_into().ok().map(Self))?
    }

    /// What candidates are looked up by before [`Self::is`] compares the whole.
    pub(crate) fn prefix(&self) -> [u8; 8] {
        let mut prefix = [0; 8];
        prefix.copy_from_slice(&self.0[..8]);
        prefix
    }

    /// Whether both are one, in a time that does not tell how much of them is.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl fmt::Debug for TokenDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenDigest(..)")
    }
}

/// What a caller shows. It has no `Debug`, so that no log line can hold it.
#[derive(Clone, Copy)]
pub enum Credential<'a> {
    /// A token alone: it names its tenant.
    Token(&'a str),
    /// A tenant's id and a token that must be that tenant's (`Basic <tenant>:<token>`).
    TenantToken {
        /// The tenant's id.
        tenant: &'a str,
        /// The token.
        token: &'a str,
    },
}

/// A new token and its SHA-256 in hexadecimal digits, as a tenant file takes it.
///
/// # Panics
/// If the operating system gives no random bytes.
#[must_use]
pub fn new_token() -> (String, String) {
    let mut random = [0; 32];
    getrandom::fill(&mut random).expect("the operating system gives random bytes");
    let token = format!("{TOKEN_PREFIX}{}", hexadecimal(&random));
    let digest = hexadecimal(&TokenDigest::of(&token).0);
    (token, digest)
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_token_is_long_never_the_same_and_known_by_its_digest() {
        let (token, digest) = new_token();
        assert!(token.starts_with("lgt_") && token.len() == 68, "{token}");
        assert_ne!(token, new_token().0);
        assert_eq!(TokenDigest::from_hex(&digest), Some(TokenDigest::of(&token)));
        assert_eq!(TokenDigest::from_hex(&digest.to_uppercase()), Some(TokenDigest::of(&token)));
    }

    #[test]
    fn a_digest_is_the_sha_256_of_the_text() {
        // The digest of "abc" in FIPS 180-2, appendix B.1.
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(TokenDigest::from_hex(abc), Some(TokenDigest::of("abc")));
        for wrong in ["", "ba78", &abc[1..], &format!("{abc}0"), &format!("{abc}00"), &abc.replace('b', "g")] {
            assert_eq!(TokenDigest::from_hex(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn digests_are_one_only_in_every_byte() {
        let digest = TokenDigest::of("a");
        for at in 0..32 {
            let mut other = digest;
            other.0[at] ^= 1;
            assert!(!digest.is(&other), "byte {at}");
        }
        assert!(digest.is(&TokenDigest::of("a")));
        assert_eq!(format!("{digest:?}"), "TokenDigest(..)");
    }
}
