//! Reads what stands behind the name of an option.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::parse::{ParseStream, Result};
use syn::{Error, Ident, Lit, LitBool, LitChar, LitStr, Path, Token, bracketed, parenthesized};

use super::{Condition, DefaultValue, ListAttrs, Literal, MapAttrs, Range, options, unknown};

pub(super) fn value(input: ParseStream<'_>) -> Result<LitStr> {
    input.parse::<Token![=]>()?;
    input.parse()
}

pub(super) fn path(input: ParseStream<'_>) -> Result<Path> {
    input.parse::<Token![=]>()?;
    input.call(Path::parse_mod_style)
}

pub(super) fn flag(input: ParseStream<'_>) -> Result<bool> {
    match input.parse::<Option<Token![=]>>()? {
        None => Ok(true),
        Some(_) => Ok(input.parse::<LitBool>()?.value),
    }
}

fn literal(input: ParseStream<'_>) -> Result<Literal> {
    let minus = input.parse::<Option<Token![-]>>()?;
    let lit: Lit = input
        .parse()
        .map_err(|error| Error::new(error.span(), "expected a literal"))?;
    let literal = Literal { minus, lit };
    if minus.is_some() && !matches!(literal.lit, Lit::Int(_) | Lit::Float(_)) {
        return Err(Error::new_spanned(literal, "only a number can be negative"));
    }
    Ok(literal)
}

pub(super) fn default(input: ParseStream<'_>) -> Result<DefaultValue> {
    input.parse::<Token![=]>()?;
    if !input.peek(syn::token::Bracket) {
        return literal(input).map(DefaultValue::One);
    }
    let items;
    let brackets = bracketed!(items in input);
    let items = whole(&items, |items| items.parse_terminated(literal, Token![,]))?;
    let items = items.into_iter().collect();
    Ok(DefaultValue::List(items, brackets.span.join()))
}

/// Parses what stands between brackets. After a mistake it takes the rest too, or syn would report
/// the first token that is left as another one.
fn whole<T>(inner: ParseStream<'_>, parse: impl FnOnce(ParseStream<'_>) -> Result<T>) -> Result<T> {
    let parsed = parse(inner);
    if parsed.is_err() {
        inner.parse::<TokenStream>()?;
    }
    parsed
}

pub(super) fn range(input: ParseStream<'_>) -> Result<Range> {
    input.parse::<Token![=]>()?;
    let end = |input: ParseStream<'_>| input.is_empty() || input.peek(Token![,]);
    let from = if input.peek(Token![..]) {
        None
    } else {
        Some(literal(input)?)
    };
    let inclusive = input.peek(Token![..=]);
    let dots = match inclusive {
        true => input.parse::<Token![..=]>()?.into_token_stream(),
        false => input.parse::<Token![..]>()?.into_token_stream(),
    };
    let to = if end(input) && !inclusive {
        None
    } else {
        Some(literal(input)?)
    };
    if from.is_none() && to.is_none() {
        return Err(Error::new_spanned(dots, "the range has no bound"));
    }
    Ok(Range {
        from,
        to,
        inclusive,
    })
}

pub(super) fn condition(input: ParseStream<'_>) -> Result<Condition> {
    const FORMS: &str = "expected `required_if(field)` or `required_if(field = literal)`";
    if !input.peek(syn::token::Paren) {
        return Err(input.error(FORMS));
    }
    let inner;
    parenthesized!(inner in input);
    whole(&inner, |inner| {
        let field = inner.parse()?;
        let value = match inner.parse::<Option<Token![=]>>()? {
            None => None,
            Some(_) => Some(literal(inner)?),
        };
        if !inner.is_empty() {
            return Err(inner.error(FORMS));
        }
        Ok(Condition { field, value })
    })
}

pub(super) fn list(input: ParseStream<'_>) -> Result<ListAttrs> {
    let mut attrs = ListAttrs {
        delimiter: ',',
        trim: true,
    };
    pairs(input, |key, input| match key.to_string().as_str() {
        "delimiter" => character(input).map(|char| attrs.delimiter = char),
        "trim" => {
            input.parse::<Token![=]>()?;
            input.parse::<LitBool>().map(|bool| attrs.trim = bool.value)
        }
        _ => Err(unknown(key, "list", &["delimiter", "trim"])),
    })?;
    Ok(attrs)
}

pub(super) fn map(name: &Ident, input: ParseStream<'_>) -> Result<MapAttrs> {
    let mut attrs = MapAttrs {
        delimiter: ',',
        separator: '=',
    };
    let mut span = name.span();
    pairs(input, |key, input| {
        span = key.span();
        match key.to_string().as_str() {
            "delimiter" => character(input).map(|char| attrs.delimiter = char),
            "separator" => character(input).map(|char| attrs.separator = char),
            _ => Err(unknown(key, "map", &["delimiter", "separator"])),
        }
    })?;
    if attrs.delimiter == attrs.separator {
        return Err(Error::new(
            span,
            "the delimiter and the separator are the same",
        ));
    }
    Ok(attrs)
}

/// `= ';'` or `= ";"`.
fn character(input: ParseStream<'_>) -> Result<char> {
    input.parse::<Token![=]>()?;
    let (text, span) = match input.peek(LitChar) {
        true => input
            .parse::<LitChar>()
            .map(|char| (char.value().to_string(), char.span()))?,
        false => input
            .parse::<LitStr>()
            .map(|text| (text.value(), text.span()))?,
    };
    let mut chars = text.chars();
    match (chars.next(), chars.next()) {
        (Some(char), None) if char != '\\' && !char.is_whitespace() => Ok(char),
        _ => Err(Error::new(
            span,
            "expected one character, neither a backslash nor white space",
        )),
    }
}

/// An optional `(key …, key …)`.
pub(super) fn pairs(
    input: ParseStream<'_>,
    set: impl FnMut(&Ident, ParseStream<'_>) -> Result<()>,
) -> Result<()> {
    if !input.peek(syn::token::Paren) {
        return Ok(());
    }
    let inner;
    parenthesized!(inner in input);
    options(&inner, set)
}
