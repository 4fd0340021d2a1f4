use std::io;

/// A simulator's answer on its way to the adapter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProxiedAnswer {
    /// The HTTP status.
    pub status: u16,
    /// The header lines but those that say how long the body is and what becomes of the connection.
    pub headers: Vec<(String, String)>,
    /// The body, without any chunks.
    pub body: Vec<u8>,
    /// How its end is told.
    pub framing: Framing,
    /// Whole answers of a 1xx status that come first.
    pub interim: &'static [u8],
}

/// How an adapter is told where a body ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// By its length.
    Length,
    /// By a length that this many bytes are missing from.
    LengthWithout(usize),
    /// By the last chunk.
    Chunked,
    /// By a last chunk that never comes.
    ChunkedWithoutEnd,
    /// By the end of the connection.
    Close,
}

/// Small enough for several chunks in any answer.
const CHUNK: usize = 97;

impl ProxiedAnswer {
    /// Reads an answer that ended with its connection.
    pub(super) fn read(bytes: &[u8]) -> io::Result<Self> {
        let invalid = || io::Error::new(io::ErrorKind::InvalidData, "the simulator does not speak HTTP");
        let head_end = bytes.windows(4).position(|window| window == b"\r\n\r\n").ok_or_else(invalid)?;
        let head = String::from_utf8_lossy(&bytes[..head_end]).into_owned();
        let mut lines = head.split("\r\n");
        let status = lines.next().and_then(|line| line.split(' ').nth(1)).and_then(|status| status.parse().ok());
        let headers = lines.filter_map(|line| line.split_once(':'));
        let mut headers: Vec<(String, String)> =
            headers.map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned())).collect();
        let chunked = headers.iter().any(|(name, value)| {
            name.eq_ignore_ascii_case("transfer-encoding") && value.eq_ignore_ascii_case("chunked")
        });
        headers.retain(|(name, _)| {
            !["content-length", "transfer-encoding", "connection"].iter().any(|own| name.eq_ignore_ascii_case(own))
        });
        let body = &bytes[head_end + 4..];
        let body = if chunked { joined(body).ok_or_else(invalid)? } else { body.to_vec() };
        let status = status.ok_or_else(invalid)?;
        Ok(Self { status, headers, body, framing: Framing::Length, interim: b"" })
    }

    /// Whether it is XML; otherwise it is taken for JSON.
    #[must_use]
    pub fn is_xml(&self) -> bool {
        match self.header("content-type") {
            Some(media_type) => media_type.contains("xml"),
            None => self.body.trim_ascii_start().starts_with(b"<"),
        }
    }

    /// The value of a header, whatever its case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// Sets a header in place of one of the same name.
    pub fn set_header(&mut self, name: &str, value: &str) {
        self.headers.retain(|(own, _)| !own.eq_ignore_ascii_case(name));
        self.headers.push((name.to_owned(), value.to_owned()));
    }

    /// As it goes over the wire.
    pub(super) fn bytes(&self, keep_alive: bool) -> Vec<u8> {
        let mut bytes = self.interim.to_vec();
        bytes.extend(format!("HTTP/1.1 {} Proxied\r\n", self.status).bytes());
        for (name, value) in &self.headers {
            bytes.extend(format!("{name}: {value}\r\n").bytes());
        }
        let connection = if keep_alive { "keep-alive" } else { "close" };
        bytes.extend(format!("Connection: {connection}\r\n").bytes());
        match self.framing {
            // These have no body by their nature.
            _ if matches!(self.status, 204 | 304) => bytes.extend(b"\r\n"),
            Framing::Length | Framing::LengthWithout(_) => {
                let missing = if let Framing::LengthWithout(missing) = self.framing { missing } else { 0 };
                bytes.extend(format!("Content-Length: {}\r\n\r\n", self.body.len() + missing).bytes());
                bytes.extend(&self.body);
            }
            Framing::Close => {
                bytes.extend(b"\r\n");
                bytes.extend(&self.body);
            }
            Framing::Chunked | Framing::ChunkedWithoutEnd => {
                bytes.extend(b"Transfer-Encoding: chunked\r\n\r\n");
                // Megabytes go in few pieces, or reading them would be what is tested.
                for chunk in self.body.chunks(CHUNK.max(self.body.len() / 1000)) {
                    bytes.extend(format!("{:x}\r\n", chunk.len()).bytes());
                    bytes.extend(chunk);
                    bytes.extend(b"\r\n");
                }
                if self.framing == Framing::Chunked {
                    bytes.extend(b"0\r\n\r\n");
                }
            }
        }
        bytes
    }
}

/// Whether nothing more can follow, also if the connection stays open.
pub(super) fn is_whole(bytes: &[u8]) -> bool {
    let Some(head_end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else { return false };
    let (head, body) = (String::from_utf8_lossy(&bytes[..head_end]).to_ascii_lowercase(), &bytes[head_end + 4..]);
    let header = |name: &str| head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':')).map(str::trim);
    match (header("content-length").map(str::parse), header("transfer-encoding")) {
        (Some(Ok(length)), _) => body.len() >= length,
        (_, Some("chunked")) => body.ends_with(b"\r\n\r\n") && joined(body).is_some(),
        _ => head.starts_with("http/1.1 204") || head.starts_with("http/1.1 304"),
    }
}

/// A chunked body in one piece; `None` if its end is missing.
fn joined(mut rest: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let line_end = rest.windows(2).position(|window| window == b"\r\n")?;
        let line = std::str::from_utf8(&rest[..line_end]).ok()?;
        let length = usize::from_str_radix(line.split(';').next()?.trim(), 16).ok()?;
        rest = &rest[line_end + 2..];
        if length == 0 {
            return Some(body);
        }
        body.extend(rest.get(..length)?);
        rest = rest.get(length + 2..)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_read_as_it_was_written() {
        let mut answer = ProxiedAnswer {
            status: 200,
            headers: vec![("Content-Type".into(), "application/json".into())],
            body: (0..=255).cycle().take(1000).collect(),
            framing: Framing::Length,
            interim: b"",
        };
        for framing in [Framing::Length, Framing::Chunked, Framing::Close] {
            answer.framing = framing;
            let bytes = answer.bytes(false);
            assert_eq!(is_whole(&bytes), framing != Framing::Close);
            assert!(!is_whole(&bytes[..bytes.len() - 1]));
            let read = ProxiedAnswer::read(&bytes).unwrap();
            assert_eq!(read, ProxiedAnswer { framing: Framing::Length, ..answer.clone() });
        }
        answer.framing = Framing::ChunkedWithoutEnd;
        assert!(ProxiedAnswer::read(&answer.bytes(false)).is_err());
        answer.framing = Framing::LengthWithout(7);
        assert!(String::from_utf8_lossy(&answer.bytes(true)).contains("Content-Length: 1007\r\n"));
    }
}
