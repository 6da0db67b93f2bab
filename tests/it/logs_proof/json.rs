//! A strict reader of JSON (RFC 8259) for one line: it refuses what lenient readers let pass, keeps
//! the order of keys, and refuses a key that comes twice.

/// A value, with numbers as they were written.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Json {
    Null,
    Bool(bool),
    Number(String),
    Text(String),
    List(Vec<Json>),
    Object(Vec<(String, Json)>),
}

impl Json {
    /// The value of a key of an object.
    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        let mut entries = self.entries().iter();
        entries
            .find(|(name, _)| name == key)
            .map(|(_, value)| value)
    }

    /// The entries of an object; nothing otherwise.
    pub(super) fn entries(&self) -> &[(String, Self)] {
        match self {
            Self::Object(entries) => entries,
            _ => &[],
        }
    }

    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The number, if it is an integer that 64 bits with a sign hold.
    pub(super) fn integer(&self) -> Option<i64> {
        match self {
            Self::Number(digits) => digits.parse().ok(),
            _ => None,
        }
    }

    /// Whether both mean the same: the order of keys and the digits of floats aside.
    pub(super) fn same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Object(left), Self::Object(right)) => {
                let equal = |(key, value): &(String, Self)| {
                    other.get(key).is_some_and(|found| value.same(found))
                };
                left.len() == right.len() && left.iter().all(equal)
            }
            (Self::List(left), Self::List(right)) => {
                left.len() == right.len() && left.iter().zip(right).all(|(a, b)| a.same(b))
            }
            (Self::Number(left), Self::Number(right)) => {
                let is_float = |digits: &str| digits.contains(['.', 'e', 'E']);
                let value = |digits: &str| digits.parse::<f64>().map(f64::to_bits);
                left == right || (is_float(left) && is_float(right) && value(left) == value(right))
            }
            _ => self == other,
        }
    }
}

/// Reads one document, which must be all there is but for spaces.
pub(super) fn parse(text: &str) -> Result<Json, String> {
    let mut reader = Reader { text, at: 0 };
    let value = reader.value()?;
    reader.space();
    match reader.rest() {
        "" => Ok(value),
        rest => Err(reader.refuse(&format!("something follows the document: {rest:.20}"))),
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn refuse(&self, why: &str) -> String {
        format!("byte {}: {why}", self.at)
    }

    fn space(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start_matches([' ', '\t', '\n', '\r']).len();
    }

    /// Takes these bytes, if they come next.
    fn take(&mut self, word: &str) -> bool {
        let found = self.rest().starts_with(word);
        self.at += if found { word.len() } else { 0 };
        found
    }

    fn need(&mut self, word: &str) -> Result<(), String> {
        if self.take(word) {
            Ok(())
        } else {
            Err(self.refuse(&format!("`{word}` is missing")))
        }
    }

    fn value(&mut self) -> Result<Json, String> {
        self.space();
        match self.rest().chars().next() {
            Some('{') => self.object(),
            Some('[') => self.list(),
            Some('"') => self.string().map(Json::Text),
            Some('-' | '0'..='9') => self.number(),
            _ if self.take("null") => Ok(Json::Null),
            _ if self.take("true") => Ok(Json::Bool(true)),
            _ if self.take("false") => Ok(Json::Bool(false)),
            _ => Err(self.refuse("a value is missing")),
        }
    }

    fn object(&mut self) -> Result<Json, String> {
        let mut entries: Vec<(String, Json)> = Vec::new();
        self.need("{")?;
        self.space();
        if self.take("}") {
            return Ok(Json::Object(entries));
        }
        loop {
            self.space();
            let key = self.string()?;
            if entries.iter().any(|(earlier, _)| *earlier == key) {
                return Err(self.refuse(&format!("the key {key:?} comes twice")));
            }
            self.space();
            self.need(":")?;
            let value = self.value()?;
            entries.push((key, value));
            self.space();
            if self.take("}") {
                return Ok(Json::Object(entries));
            }
            self.need(",")?;
        }
    }

    fn list(&mut self) -> Result<Json, String> {
        let mut items = Vec::new();
        self.need("[")?;
        self.space();
        if self.take("]") {
            return Ok(Json::List(items));
        }
        loop {
            items.push(self.value()?);
            self.space();
            if self.take("]") {
                return Ok(Json::List(items));
            }
            self.need(",")?;
        }
    }

    fn number(&mut self) -> Result<Json, String> {
        let start = self.at;
        self.take("-");
        if !self.take("0") {
            self.digits()?;
        }
        if self.take(".") {
            self.digits()?;
        }
        if self.take("e") || self.take("E") {
            let _sign = self.take("+") || self.take("-");
            self.digits()?;
        }
        Ok(Json::Number(self.text[start..self.at].to_owned()))
    }

    fn digits(&mut self) -> Result<(), String> {
        let rest = self.rest();
        let count = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        self.at += count;
        if count == 0 {
            return Err(self.refuse("a digit is missing"));
        }
        Ok(())
    }

    fn string(&mut self) -> Result<String, String> {
        self.need("\"")?;
        let mut text = String::new();
        while let Some(next) = self.rest().chars().next() {
            self.at += next.len_utf8();
            match next {
                '"' => return Ok(text),
                '\\' => text.push(self.escape()?),
                '\0'..='\x1f' => return Err(self.refuse("a control character is not escaped")),
                _ => text.push(next),
            }
        }
        Err(self.refuse("a string has no end"))
    }

    fn escape(&mut self) -> Result<char, String> {
        let letter = self.rest().chars().next();
        self.at += letter.map_or(0, char::len_utf8);
        let found = match letter {
            Some('"' | '\\' | '/') => letter,
            Some('b') => Some('\x08'),
            Some('f') => Some('\x0c'),
            Some('n') => Some('\n'),
            Some('r') => Some('\r'),
            Some('t') => Some('\t'),
            Some('u') => return self.unit().and_then(|unit| self.character(unit)),
            _ => None,
        };
        found.ok_or_else(|| self.refuse("no such escape"))
    }

    /// Four hexadecimal digits.
    fn unit(&mut self) -> Result<u32, String> {
        let digits = self.rest().get(..4).unwrap_or_default();
        if digits.len() < 4 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(self.refuse("four hexadecimal digits are missing"));
        }
        self.at += 4;
        u32::from_str_radix(digits, 16).map_err(|error| self.refuse(&error.to_string()))
    }

    fn character(&mut self, first: u32) -> Result<char, String> {
        let mut code = first;
        if (0xd800..0xdc00).contains(&first) {
            self.need("\\u")?;
            let second = self.unit()?;
            if !(0xdc00..0xe000).contains(&second) {
                return Err(self.refuse("half a surrogate pair"));
            }
            code = 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
        }
        char::from_u32(code).ok_or_else(|| self.refuse("half a surrogate pair"))
    }
}

#[test]
fn the_reader_takes_what_is_json() {
    let text = r#" {"a":[1,-0.5e+3,"\u00e9\ud83d\ude00\/é",null,true,{}],"":[]} "#;
    let list = vec![
        Json::Number("1".to_owned()),
        Json::Number("-0.5e+3".to_owned()),
        Json::Text("é\u{1f600}/é".to_owned()),
        Json::Null,
        Json::Bool(true),
        Json::Object(Vec::new()),
    ];
    let entries = vec![
        ("a".to_owned(), Json::List(list)),
        (String::new(), Json::List(Vec::new())),
    ];
    assert_eq!(parse(text), Ok(Json::Object(entries)));
}

#[test]
fn the_reader_refuses_what_is_not_json() {
    for text in [
        "",
        "{",
        "{}{}",
        r#"{"a":1,}"#,
        r#"{"a":1 "b":2}"#,
        r#"{"a":1,"a":2}"#,
        r#"{"x":{"a":1,"\u0061":2}}"#,
        r#"{a:1}"#,
        "[1,]",
        "01",
        "1.",
        ".5",
        "+1",
        "1e",
        "NaN",
        "Infinity",
        "'a'",
        "\"a",
        "\"a\tb\"",
        r#""\x41""#,
        r#""\u12g4""#,
        r#""\ud800""#,
        r#""\ud800\u0041""#,
        r#""\udc00""#,
        "nul",
    ] {
        assert!(parse(text).is_err(), "{text}");
    }
}

#[test]
fn values_are_the_same_whatever_the_order_of_their_keys() {
    let same = |left, right| {
        parse(left)
            .expect("it is JSON")
            .same(&parse(right).expect("it is JSON"))
    };
    assert!(same(r#"{"a":1,"b":[1.50]}"#, r#"{"b":[1.5],"a":1}"#));
    assert!(!same(r#"{"a":1}"#, r#"{"a":1,"b":2}"#));
    assert!(!same("1", "1.0"), "an index gives them different types");
    assert!(!same("0.0", "-0.0"));
    assert!(!same("9223372036854775807", "9223372036854775806"));
    assert!(!same("[1,2]", "[2,1]"));
}
