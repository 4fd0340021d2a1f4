use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::PathBuf;
use std::sync::Arc;

use crate::files::tenant_id;
use crate::mistake::quoted;
use crate::token::TOKEN_PREFIX;
use crate::{Credential, Mistake, Reading, Tenant, TenantId, TokenDigest};

/// Who may call: an immutable snapshot. A reload makes the next one from it.
#[derive(Clone, Debug, Default)]
pub struct Roster {
    tenants: BTreeMap<TenantId, Arc<Tenant>>,
    /// By a part of the digest. The map's own hash is keyed at random, and the whole digest is compared afterwards.
    doors: HashMap<[u8; 8], Vec<Door>>,
    broken: Vec<Broken>,
}

/// A token, and whom it lets in.
#[derive(Clone, Debug)]
struct Door {
    digest: TokenDigest,
    tenant: Arc<Tenant>,
}

/// A file that is not in force as it stands, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// The tenant's file, or the directory of all.
    pub file: PathBuf,
    /// The tenant, if the file's name stands for one.
    pub tenant: Option<TenantId>,
    /// What it means.
    pub effect: Effect,
    /// What is wrong.
    pub mistakes: Vec<Mistake>,
}

/// What a broken file means for its tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// The tenant runs as its last good file says.
    OlderVersion,
    /// There is no such tenant.
    LeftOut,
    /// The tenant runs, but a token of its file does not open it.
    TokenRefused,
    /// The directory cannot be read: all tenants run as they were.
    AllKept,
}

impl Roster {
    /// The roster at the start, and every mistake that was found. A broken file is left out.
    #[must_use]
    pub fn begin(reading: Reading) -> (Self, Vec<Mistake>) {
        Self::default().next(reading)
    }

    /// The roster after a reload, and every mistake that was found. A broken file keeps its last good version, and a
    /// token that two tenants claim stays with the one that had it.
    #[must_use]
    pub fn next(&self, reading: Reading) -> (Self, Vec<Mistake>) {
        if let Some(mistake) = reading.directory {
            let mut kept = self.clone();
            kept.broken.retain(|broken| broken.effect != Effect::AllKept);
            kept.broken.push(Broken {
                file: mistake.file.clone(),
                tenant: None,
                effect: Effect::AllKept,
                mistakes: vec![mistake.clone()],
            });
            return (kept, vec![mistake]);
        }
        let mut next = Self::default();
        for (file, outcome) in reading.tenants {
            match outcome {
                Ok(tenant) => {
                    next.tenants.insert(tenant.id.clone(), tenant);
                }
                Err(mistakes) => {
                    let tenant = tenant_id(&file);
                    let last_good = tenant.as_ref().and_then(|id| self.tenants.get(id));
                    let effect = if last_good.is_some() { Effect::OlderVersion } else { Effect::LeftOut };
                    next.tenants.extend(last_good.map(|tenant| (tenant.id.clone(), Arc::clone(tenant))));
                    next.broken.push(Broken { file, tenant, effect, mistakes });
                }
            }
        }
        next.open_doors(self);
        let mut mistakes: Vec<Mistake> = next.broken.iter().flat_map(|broken| broken.mistakes.clone()).collect();
        mistakes.sort();
        (next, mistakes)
    }

    /// The tenant with this id.
    #[must_use]
    pub fn tenant(&self, id: &str) -> Option<&Arc<Tenant>> {
        self.tenants.get(id)
    }

    /// All tenants, by their ids.
    pub fn tenants(&self) -> impl ExactSizeIterator<Item = &Arc<Tenant>> {
        self.tenants.values()
    }

    /// Whom a credential lets in. The time it takes tells nothing about the tokens.
    #[must_use]
    pub fn authenticate(&self, credential: &Credential<'_>) -> Option<&Arc<Tenant>> {
        let (id, token) = match *credential {
            Credential::Token(token) => (None, token),
            Credential::TenantToken { tenant, token } => (Some(tenant), token),
        };
        let tenant = self.owner(&TokenDigest::of(token))?;
        id.is_none_or(|id| tenant.id.as_str() == id).then_some(tenant)
    }

    /// The mistake behind a credential that lets nobody in because it is no token but what a tenant's file holds as a
    /// token's SHA-256: the webstore was given the digest, or the file the token.
    ///
    /// A caller who knows the digest learns nothing by the time that this takes, and nobody finds one by it: what is
    /// looked up first is 64 bits of it at once.
    #[must_use]
    pub fn shown_digest(&self, credential: &Credential<'_>) -> Option<Mistake> {
        let (Credential::Token(shown) | Credential::TenantToken { token: shown, .. }) = *credential;
        let digest = TokenDigest::from_hex(shown.strip_prefix(TOKEN_PREFIX).unwrap_or(shown))?;
        let tenant = self.owner(&digest)?;
        let message = "a caller showed as a token what stands here as a token's SHA-256".to_owned();
        let remedy = "`livegate token` prints a new pair: the token is for the webstore, its SHA-256 for this file";
        Some(mistake_at(tenant, &digest, message, remedy))
    }

    /// The files that are not in force as they stand.
    #[must_use]
    pub fn broken(&self) -> &[Broken] {
        &self.broken
    }

    fn owner(&self, digest: &TokenDigest) -> Option<&Arc<Tenant>> {
        let doors = self.doors.get(&digest.prefix())?;
        doors.iter().find(|door| door.digest.is(digest)).map(|door| &door.tenant)
    }

    /// Decides whom each token lets in, and tells those whom it does not.
    fn open_doors(&mut self, before: &Self) {
        let mut claims: BTreeMap<TokenDigest, BTreeSet<&TenantId>> = BTreeMap::new();
        for tenant in self.tenants.values() {
            for digest in &tenant.tokens {
                claims.entry(*digest).or_default().insert(&tenant.id);
            }
        }
        let (mut doors, mut refused) = (Vec::new(), Vec::new());
        for (digest, claimants) in claims {
            let owner = match claimants.first() {
                Some(only) if claimants.len() == 1 => Some(*only),
                _ => before.owner(&digest).and_then(|owner| claimants.get(&owner.id).copied()),
            };
            doors.extend(owner.map(|id| Door { digest, tenant: Arc::clone(&self.tenants[id]) }));
            let names = quoted(claimants.iter().map(|id| id.as_str()));
            for id in claimants.iter().filter(|id| owner != Some(**id)) {
                refused.push(refusal(&self.tenants[*id], &digest, &names, owner));
            }
        }
        for door in doors {
            self.doors.entry(door.digest.prefix()).or_default().push(door);
        }
        self.broken.extend(refused);
    }
}

fn refusal(tenant: &Tenant, digest: &TokenDigest, claimants: &str, owner: Option<&TenantId>) -> Broken {
    let effect = match owner {
        Some(owner) => format!("it stays with \"{owner}\", which had it before"),
        None => "it opens none of them".to_owned(),
    };
    let message = format!("the tenants {claimants} claim the same token: {effect}");
    let mistake =
        mistake_at(tenant, digest, message, "give each tenant a token of its own; `livegate token` makes one");
    Broken {
        file: tenant.file.clone(),
        tenant: Some(tenant.id.clone()),
        effect: Effect::TokenRefused,
        mistakes: vec![mistake],
    }
}

/// A mistake where the tenant's file gives this token.
fn mistake_at(tenant: &Tenant, digest: &TokenDigest, message: String, remedy: &str) -> Mistake {
    let at = tenant.tokens.iter().position(|token| token == digest).unwrap_or_default();
    Mistake {
        file: tenant.file.clone(),
        line: tenant.token_lines.get(at).copied(),
        key: Some(format!("tokens[{at}]")),
        message,
        remedy: remedy.to_owned(),
    }
}
