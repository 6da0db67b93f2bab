//! Reads `#[config(…)]`; knows the grammar, not the rules.

mod value;

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Result};
use syn::{Attribute, Error, Ident, Lit, LitStr, Path, Token};

use self::value::{condition, default, flag, list, map, pairs, path, range, value};
use crate::ctxt::Ctxt;

/// An option that may be given once; keeps the place of its name.
pub(crate) struct Opt<T>(pub(crate) Option<(Span, T)>);

impl<T> Default for Opt<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T> Opt<T> {
    fn set(&mut self, name: &Ident, value: T) -> Result<()> {
        if self.0.is_some() {
            return Err(Error::new(name.span(), format!("`{name}` is given twice")));
        }
        self.0 = Some((name.span(), value));
        Ok(())
    }

    pub(crate) fn get(&self) -> Option<&T> {
        self.0.as_ref().map(|(_, value)| value)
    }

    pub(crate) fn span(&self) -> Option<Span> {
        self.0.as_ref().map(|(span, _)| *span)
    }

    pub(crate) fn is_set(&self) -> bool {
        self.0.is_some()
    }
}

#[derive(Default)]
pub(crate) struct StructAttrs {
    pub(crate) prefix: Opt<LitStr>,
    pub(crate) debug: Opt<()>,
    pub(crate) krate: Opt<Path>,
    pub(crate) validate: Opt<Path>,
}

#[derive(Default)]
pub(crate) struct FieldAttrs {
    pub(crate) default: Opt<DefaultValue>,
    pub(crate) default_with: Opt<Path>,
    pub(crate) secret: Opt<bool>,
    pub(crate) redacted: Opt<()>,
    pub(crate) nested: Opt<()>,
    pub(crate) prefix: Opt<LitStr>,
    pub(crate) list: Opt<ListAttrs>,
    pub(crate) map: Opt<MapAttrs>,
    pub(crate) range: Opt<Range>,
    pub(crate) expected: Opt<LitStr>,
    pub(crate) example: Opt<LitStr>,
    pub(crate) rename: Opt<LitStr>,
    pub(crate) aliases: Vec<LitStr>,
    pub(crate) deprecated: Vec<LitStr>,
    pub(crate) from_str: Opt<()>,
    pub(crate) validate: Opt<Path>,
    pub(crate) required_if: Opt<Condition>,
    pub(crate) no_file: Opt<()>,
    pub(crate) allow_empty: Opt<()>,
    pub(crate) tags: Vec<(Ident, LitStr)>,
}

#[derive(Default)]
pub(crate) struct VariantAttrs {
    pub(crate) rename: Opt<LitStr>,
    pub(crate) aliases: Vec<LitStr>,
}

pub(crate) struct ListAttrs {
    pub(crate) delimiter: char,
    pub(crate) trim: bool,
}

pub(crate) struct MapAttrs {
    pub(crate) delimiter: char,
    pub(crate) separator: char,
}

pub(crate) enum DefaultValue {
    One(Literal),
    /// The items and the place of the brackets.
    List(Vec<Literal>, Span),
}

/// A literal, with its sign where it is a negative number.
pub(crate) struct Literal {
    pub(crate) minus: Option<Token![-]>,
    pub(crate) lit: Lit,
}

pub(crate) struct Range {
    pub(crate) from: Option<Literal>,
    pub(crate) to: Option<Literal>,
    pub(crate) inclusive: bool,
}

pub(crate) struct Condition {
    pub(crate) field: Ident,
    pub(crate) value: Option<Literal>,
}

impl Literal {
    /// The text that a variable would hold; `None` for literals that stand for no text.
    pub(crate) fn text(&self) -> Option<String> {
        let text = match &self.lit {
            Lit::Str(text) => text.value(),
            Lit::Int(int) if int.suffix().is_empty() => int.base10_digits().to_owned(),
            Lit::Float(float) if float.suffix().is_empty() => float.base10_digits().to_owned(),
            Lit::Bool(bool) => bool.value.to_string(),
            Lit::Char(char) => char.value().to_string(),
            _ => return None,
        };
        Some(match self.minus {
            Some(_) => format!("-{text}"),
            None => text,
        })
    }
}

impl ToTokens for Literal {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        self.minus.to_tokens(tokens);
        self.lit.to_tokens(tokens);
    }
}

impl StructAttrs {
    pub(crate) fn parse(ctxt: &Ctxt, attrs: &[Attribute]) -> Self {
        let mut parsed = Self::default();
        each(ctxt, attrs, |name, input| match name.to_string().as_str() {
            "prefix" => parsed.prefix.set(name, value(input)?),
            "debug" => parsed.debug.set(name, ()),
            "crate" => parsed.krate.set(name, path(input)?),
            "validate" => parsed.validate.set(name, path(input)?),
            _ => Err(unknown(
                name,
                "struct",
                &["prefix", "debug", "crate", "validate"],
            )),
        });
        parsed
    }
}

impl FieldAttrs {
    const NAMES: &[&str] = &[
        "default",
        "default_with",
        "secret",
        "redacted",
        "nested",
        "prefix",
        "list",
        "map",
        "range",
        "expected",
        "example",
        "rename",
        "alias",
        "deprecated",
        "from_str",
        "validate",
        "required_if",
        "no_file",
        "allow_empty",
        "tags",
    ];

    pub(crate) fn parse(ctxt: &Ctxt, attrs: &[Attribute]) -> Self {
        let mut parsed = Self::default();
        each(ctxt, attrs, |name, input| parsed.set(name, input));
        parsed
    }

    fn set(&mut self, name: &Ident, input: ParseStream<'_>) -> Result<()> {
        match name.to_string().as_str() {
            "default" => self.default.set(name, default(input)?),
            "default_with" => self.default_with.set(name, path(input)?),
            "secret" => self.secret.set(name, flag(input)?),
            "redacted" => self.redacted.set(name, ()),
            "nested" => self.nested.set(name, ()),
            "prefix" => self.prefix.set(name, value(input)?),
            "list" => self.list.set(name, list(input)?),
            "map" => self.map.set(name, map(name, input)?),
            "range" => self.range.set(name, range(input)?),
            "expected" => self.expected.set(name, value(input)?),
            "example" => self.example.set(name, value(input)?),
            "rename" => self.rename.set(name, value(input)?),
            "alias" => {
                self.aliases.push(value(input)?);
                Ok(())
            }
            "deprecated" => {
                self.deprecated.push(value(input)?);
                Ok(())
            }
            "from_str" => self.from_str.set(name, ()),
            "validate" => self.validate.set(name, path(input)?),
            "required_if" => self.required_if.set(name, condition(input)?),
            "no_file" => self.no_file.set(name, ()),
            "allow_empty" => self.allow_empty.set(name, ()),
            "tags" => pairs(input, |key, input| {
                self.tags.push((key.clone(), value(input)?));
                Ok(())
            }),
            _ => Err(unknown(name, "field", Self::NAMES)),
        }
    }
}

impl VariantAttrs {
    pub(crate) fn parse(ctxt: &Ctxt, attrs: &[Attribute]) -> Self {
        let mut parsed = Self::default();
        each(ctxt, attrs, |name, input| match name.to_string().as_str() {
            "rename" => parsed.rename.set(name, value(input)?),
            "alias" => {
                parsed.aliases.push(value(input)?);
                Ok(())
            }
            _ => Err(unknown(name, "variant", &["rename", "alias"])),
        });
        parsed
    }
}

/// The lines of the doc comment, without the space that follows `///`.
pub(crate) fn doc(attrs: &[Attribute]) -> String {
    let mut lines: Vec<String> = Vec::new();
    for attr in attrs.iter().filter(|attr| attr.path().is_ident("doc")) {
        let Ok(meta) = attr.meta.require_name_value() else {
            continue;
        };
        if let syn::Expr::Lit(syn::ExprLit {
            lit: Lit::Str(line),
            ..
        }) = &meta.value
        {
            let text = line.value();
            let text = text
                .split('\n')
                .map(|line| line.strip_prefix(' ').unwrap_or(line));
            lines.extend(text.map(|line| line.trim_end().to_owned()));
        }
    }
    lines.join("\n").trim().to_owned()
}

/// Calls `set` for each option; after a mistake it goes on with the next one.
fn each(
    ctxt: &Ctxt,
    attrs: &[Attribute],
    mut set: impl FnMut(&Ident, ParseStream<'_>) -> Result<()>,
) {
    for attr in attrs.iter().filter(|attr| attr.path().is_ident("config")) {
        let parsed = attr.parse_args_with(|input: ParseStream<'_>| options(input, &mut set));
        if let Err(error) = parsed {
            ctxt.push(error);
        }
    }
}

/// Calls `set` for each option up to the end of the input; the error has all mistakes.
fn options(
    input: ParseStream<'_>,
    mut set: impl FnMut(&Ident, ParseStream<'_>) -> Result<()>,
) -> Result<()> {
    let mut errors: Option<Error> = None;
    while !input.is_empty() {
        if let Err(error) = option(input, &mut set) {
            match &mut errors {
                Some(errors) => errors.combine(error),
                None => errors = Some(error),
            }
            skip_option(input)?;
        }
        input.parse::<Option<Token![,]>>()?;
    }
    errors.map_or(Ok(()), Err)
}

fn option(
    input: ParseStream<'_>,
    set: &mut impl FnMut(&Ident, ParseStream<'_>) -> Result<()>,
) -> Result<()> {
    let name = input
        .call(Ident::parse_any)
        .map_err(|error| Error::new(error.span(), "expected the name of an attribute"))?;
    let value = input.cursor();
    set(&name, input)?;
    if input.is_empty() || input.peek(Token![,]) {
        return Ok(());
    }
    let has_value = input.peek(Token![=]) || input.peek(syn::token::Paren);
    Err(match has_value && input.cursor() == value {
        true => input.error(format!("`{name}` takes no value here")),
        false => input.error("expected `,`"),
    })
}

fn skip_option(input: ParseStream<'_>) -> Result<()> {
    while !input.is_empty() && !input.peek(Token![,]) {
        input.parse::<TokenTree>()?;
    }
    Ok(())
}

fn unknown(name: &Ident, place: &str, known: &[&str]) -> Error {
    let known: Vec<_> = known.iter().map(|name| format!("`{name}`")).collect();
    let message = format!(
        "unknown attribute `{name}`; a {place} takes {}",
        known.join(", ")
    );
    Error::new(name.span(), message)
}
