//! The floor of the comparison: a copy of the text, cut at its first signs, and a decoded password.
//! It checks next to nothing and gives the other parts as they are written.

use std::ops::Range;

pub struct Cut {
    text: String,
    user: Range<usize>,
    pub password: String,
    host: Range<usize>,
    pub port: u16,
    resource: Range<usize>,
}

impl Cut {
    pub fn user(&self) -> &str {
        &self.text[self.user.clone()]
    }

    pub fn host(&self) -> &str {
        &self.text[self.host.clone()]
    }

    pub fn resource(&self) -> &str {
        &self.text[self.resource.clone()]
    }
}

pub fn parse(text: &str) -> Option<Cut> {
    let find = |sign: char, from: usize| text[from..].find(sign).map(|at| from + at);
    let user = text.find("://")? + 3;
    let password = find(':', user)? + 1;
    let host = find('@', password)? + 1;
    let port = find(':', host)? + 1;
    let resource = find('/', port)? + 1;
    let end = find('?', resource).unwrap_or(text.len());
    Some(Cut {
        password: decode(&text[password..host - 1])?,
        port: text[port..resource - 1].parse().ok()?,
        user: user..password - 1,
        host: host..port - 1,
        resource: resource..end,
        text: text.to_owned(),
    })
}

fn decode(text: &str) -> Option<String> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'%' => digit(bytes.next()?)? << 4 | digit(bytes.next()?)?,
            byte => byte,
        });
    }
    String::from_utf8(decoded).ok()
}

fn digit(byte: u8) -> Option<u8> {
    let value = char::from(byte).to_digit(16)?;
    u8::try_from(value).ok()
}
