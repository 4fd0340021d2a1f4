//! How responses are written. Nothing that leaves is built as a text first: there are thousands of members on a page.

/// What can stand in a response.
pub(crate) trait Json {
    /// Whether it is left out, with its name.
    fn is_absent(&self) -> bool {
        false
    }

    fn write(&self, to: &mut Vec<u8>);
}

/// Writes a member of an object that was begun; `name` is quoted and has its colon.
pub(crate) fn write_member(to: &mut Vec<u8>, name: &str, value: &impl Json) {
    if value.is_absent() {
        return;
    }
    // No value ends with an opening brace.
    if to.last() != Some(&b'{') {
        to.push(b',');
    }
    to.extend_from_slice(name.as_bytes());
    value.write(to);
}

impl Json for &str {
    fn write(&self, to: &mut Vec<u8>) {
        let must_be_escaped = |byte: u8| byte < b' ' || byte == b'"' || byte == b'\\';
        // Looking at every byte, whatever the first ones were, is what a machine does many at a time.
        if self.bytes().fold(false, |found, byte| found | must_be_escaped(byte)) {
            serde_json::to_writer(to, self).expect("a text can be written and memory takes it");
        } else {
            to.reserve(self.len() + 2);
            to.push(b'"');
            to.extend_from_slice(self.as_bytes());
            to.push(b'"');
        }
    }
}

impl Json for String {
    fn write(&self, to: &mut Vec<u8>) {
        self.as_str().write(to);
    }
}

impl Json for u32 {
    fn write(&self, to: &mut Vec<u8>) {
        u64::from(*self).write(to);
    }
}

impl Json for u64 {
    fn write(&self, to: &mut Vec<u8>) {
        serde_json::to_writer(to, self).expect("a number can be written and memory takes it");
    }
}

impl<T: Json> Json for Option<T> {
    fn is_absent(&self) -> bool {
        self.is_none()
    }

    fn write(&self, to: &mut Vec<u8>) {
        match self {
            Some(value) => value.write(to),
            None => to.extend_from_slice(b"null"),
        }
    }
}

impl<T: Json> Json for Vec<T> {
    fn write(&self, to: &mut Vec<u8>) {
        to.push(b'[');
        for (place, item) in self.iter().enumerate() {
            if place > 0 {
                to.push(b',');
            }
            item.write(to);
        }
        to.push(b']');
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_text_is_written_as_json_has_it(text in "[\u{0}-\u{7f}é\u{2028}😀]{0,12}") {
            let mut written = Vec::new();
            text.write(&mut written);
            prop_assert_eq!(String::from_utf8(written).unwrap(), serde_json::to_string(&text).unwrap());
        }
    }
}
