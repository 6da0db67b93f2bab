//! Every rule about the input, with its message.

mod literal;

use std::collections::HashMap;

use proc_macro2::Span;
use syn::{Ident, LitStr};

use crate::ast::{Enum, Field, Form, Input, Struct};
use crate::ctxt::Ctxt;
use crate::kind::{self, Known};

pub(crate) fn check(ctxt: &Ctxt, input: &Input<'_>) {
    match input {
        Input::Struct(input) => check_struct(ctxt, input),
        Input::Enum(input) => check_enum(ctxt, input),
    }
}

fn check_struct(ctxt: &Ctxt, input: &Struct<'_>) {
    if let Some(prefix) = input.attrs.prefix.get() {
        portable_prefix(ctxt, prefix);
    }
    for field in &input.fields {
        if field.is_nested() {
            check_nested(ctxt, field);
        } else {
            check_leaf(ctxt, field);
        }
        check_condition(ctxt, field, &input.fields);
    }
    check_names(ctxt, input);
}

fn check_nested(ctxt: &Ctxt, field: &Field<'_>) {
    let attrs = &field.attrs;
    let leaf_only: [(&str, Option<Span>); 15] = [
        ("default", attrs.default.span()),
        ("default_with", attrs.default_with.span()),
        ("secret", attrs.secret.span()),
        ("redacted", attrs.redacted.span()),
        ("range", attrs.range.span()),
        ("expected", attrs.expected.span()),
        ("example", attrs.example.span()),
        ("rename", attrs.rename.span()),
        ("alias", attrs.aliases.first().map(LitStr::span)),
        ("deprecated", attrs.deprecated.first().map(LitStr::span)),
        ("from_str", attrs.from_str.span()),
        ("validate", attrs.validate.span()),
        ("no_file", attrs.no_file.span()),
        ("allow_empty", attrs.allow_empty.span()),
        ("tags", attrs.tags.first().map(|(key, _)| key.span())),
    ];
    for (name, span) in leaf_only {
        if let Some(span) = span {
            ctxt.error(
                span,
                format!("`{name}` is for a field of one variable, not for a `nested` one"),
            );
        }
    }
    if let Some(prefix) = attrs.prefix.get() {
        portable_prefix(ctxt, prefix);
    }
    if !matches!(field.form, Form::Scalar) {
        ctxt.error_at(field.inner, "`nested` takes a struct or an `Option` of one");
    }
}

fn check_leaf(ctxt: &Ctxt, field: &Field<'_>) {
    let attrs = &field.attrs;
    if let Some(span) = attrs.prefix.span() {
        ctxt.error(
            span,
            "`prefix` on a field needs `nested`; a variable is renamed by `rename`",
        );
    }
    if kind::option(field.inner).is_some() && field.optional {
        ctxt.error_at(
            field.inner,
            "an `Option` of an `Option` has no meaning here",
        );
    }
    if let (Some(span), true) = (attrs.default_with.span(), attrs.default.is_set()) {
        ctxt.error(span, "`default` and `default_with` exclude each other");
    }
    for span in [attrs.default.span(), attrs.default_with.span()]
        .into_iter()
        .flatten()
    {
        if field.optional {
            ctxt.error(
                span,
                "an `Option` has no default: without the variable it is `None`",
            );
        }
    }
    check_secrecy(ctxt, field);
    if let (Some(span), true) = (attrs.allow_empty.span(), is_never_empty(field)) {
        ctxt.error(span, "an empty text is no value of this type");
    }
    if let (Some(span), false) = (attrs.range.span(), field.known.has_order()) {
        ctxt.error(span, "values of this type have no range");
    }
    literal::check(ctxt, field);
}

fn check_secrecy(ctxt: &Ctxt, field: &Field<'_>) {
    let attrs = &field.attrs;
    if let (Some(span), Some(true)) = (attrs.redacted.span(), attrs.secret.get()) {
        ctxt.error(span, "`secret` and `redacted` exclude each other");
    }
    let shows = match field.known {
        Known::Text => Some("String"),
        Known::Os => Some("PathBuf"),
        Known::Url => Some("Url"),
        _ => None,
    };
    if let (Some(span), Some(name)) = (attrs.redacted.span(), shows) {
        let message = format!("a `{name}` shows all of its text; mark the field `secret`");
        ctxt.error(span, message);
    }
    let shown = match attrs.secret.get() {
        Some(false) => attrs.secret.span(),
        _ => None,
    };
    if field.known.is_secret() {
        for span in [attrs.redacted.span(), shown].into_iter().flatten() {
            ctxt.error(span, "the type is secret by itself");
        }
    }
    if let (Some(span), true) = (attrs.default.span(), field.is_secret()) {
        let message = match attrs.secret.is_set() || field.known.is_secret() {
            true => "a secret has no default: it would stand in the code and in the documentation",
            false => {
                "the name says that this is a secret, which has no default; if it is none, add `secret = false`"
            }
        };
        ctxt.error(span, message);
    }
}

fn is_never_empty(field: &Field<'_>) -> bool {
    let number = matches!(
        field.known,
        Known::Bool
            | Known::Int(..)
            | Known::Wide(..)
            | Known::Float
            | Known::Char
            | Known::Duration
            | Known::Url
    );
    matches!(field.form, Form::Scalar) && number
}

fn check_condition(ctxt: &Ctxt, field: &Field<'_>, fields: &[Field<'_>]) {
    let Some(condition) = field.attrs.required_if.get() else {
        return;
    };
    let span = condition.field.span();
    if let (Some(span), false) = (field.attrs.required_if.span(), field.optional) {
        ctxt.error(span, "only an `Option` can be required on a condition");
    }
    let Some(other) = fields.iter().find(|other| *other.ident == condition.field) else {
        ctxt.error(span, format!("there is no field `{}`", condition.field));
        return;
    };
    if std::ptr::eq(other, field) {
        ctxt.error(span, "a field cannot depend on itself");
    } else if condition.value.is_none() && !other.optional {
        ctxt.error(
            span,
            format!(
                "`{0}` is always there; write `{0} = value` or make it an `Option`",
                other.name()
            ),
        );
    } else if condition.value.is_some() && other.is_nested() {
        ctxt.error(
            span,
            format!("`{}` is a struct, which has no single value", other.name()),
        );
    } else if condition.value.is_some() && other.is_secret() {
        ctxt.error(
            span,
            format!(
                "`{}` is secret; a condition would stand in the documentation",
                other.name()
            ),
        );
    }
    if let Some(value) = condition
        .value
        .as_ref()
        .filter(|value| value.text().is_none())
    {
        ctxt.error_at(value, literal::UNUSABLE);
    }
}

/// Finds names that cannot be set, and two fields that read one variable.
fn check_names(ctxt: &Ctxt, input: &Struct<'_>) {
    let prefix = input.attrs.prefix.get();
    let prefix = prefix.map(LitStr::value).unwrap_or_default();
    let prefix = prefix.trim_end_matches('_');
    let mut seen = HashMap::new();
    for field in &input.fields {
        let attrs = &field.attrs;
        let (given, by) = match field.is_nested() {
            true => (attrs.prefix.get(), "prefix"),
            false => (attrs.rename.get(), "rename"),
        };
        if given.is_none() && !is_portable(&field.suffix()) {
            let message = format!(
                "no portable variable name can be made of this field; give it one by `{by}`"
            );
            ctxt.error(field.span(), message);
        }
        if field.is_nested() {
            continue;
        }
        let others = || attrs.aliases.iter().chain(&attrs.deprecated);
        attrs
            .rename
            .get()
            .into_iter()
            .chain(others())
            .for_each(|name| portable(ctxt, name));
        let span = attrs
            .rename
            .get()
            .map_or_else(|| field.span(), LitStr::span);
        let own = (field.full_name(prefix), span);
        let others = others().map(|name| (name.value(), name.span()));
        for (name, span) in [own].into_iter().chain(others) {
            check_clash(ctxt, &mut seen, field, name, span);
        }
    }
}

/// Who reads a variable.
struct Reader {
    field: String,
    /// Whether it is read for the path of a file that holds the value.
    as_file: bool,
}

fn check_clash(
    ctxt: &Ctxt,
    seen: &mut HashMap<String, Reader>,
    field: &Field<'_>,
    name: String,
    span: Span,
) {
    let file = (!field.attrs.no_file.is_set()).then(|| (format!("{name}_FILE"), true));
    for (name, as_file) in [Some((name, false)), file].into_iter().flatten() {
        let reader = Reader {
            field: field.name(),
            as_file,
        };
        let Some(first) = seen.get(&name) else {
            seen.insert(name, reader);
            continue;
        };
        let message = match first.field == reader.field {
            true => format!("`{name}` is named twice"),
            false => format!(
                "`{name}` is read by the field `{}` already{}",
                first.field,
                match first.as_file || as_file {
                    true => "; mark the one without `_FILE` as `no_file`",
                    false => "",
                },
            ),
        };
        ctxt.error(span, message);
        // The names with `_FILE` clash as well, which says nothing more.
        return;
    }
}

fn portable(ctxt: &Ctxt, name: &LitStr) {
    if !is_portable(&name.value()) {
        let message =
            "a variable's name has ASCII letters, digits and `_`, and begins with no digit";
        ctxt.error(name.span(), message);
    }
}

fn portable_prefix(ctxt: &Ctxt, prefix: &LitStr) {
    if !prefix.value().is_empty() {
        portable(ctxt, prefix);
    }
}

fn is_portable(name: &str) -> bool {
    let char = |char: char| char.is_ascii_alphanumeric() || char == '_';
    !name.is_empty()
        && name.chars().all(char)
        && !name.starts_with(|first: char| first.is_ascii_digit())
}

fn check_enum(ctxt: &Ctxt, input: &Enum<'_>) {
    for (name, span) in [
        ("prefix", input.attrs.prefix.span()),
        ("debug", input.attrs.debug.span()),
        ("validate", input.attrs.validate.span()),
    ] {
        if let Some(span) = span {
            ctxt.error(span, format!("`{name}` is for a struct"));
        }
    }
    if input.variants.is_empty() {
        ctxt.error(input.ident.span(), "an enum without variants has no value");
    }
    let mut seen: HashMap<String, &Ident> = HashMap::new();
    for variant in &input.variants {
        if !variant.syn.fields.is_empty() {
            let message = "a variant that is read from one word has no fields";
            ctxt.error_at(&variant.syn.fields, message);
        }
        let rename = variant.attrs.rename.get();
        let span = rename.map_or_else(|| variant.ident.span(), LitStr::span);
        let name = (crate::expand_enum::word(variant), span);
        let aliases = variant.attrs.aliases.iter();
        let aliases = aliases.map(|alias| (alias.value(), alias.span()));
        for (word, span) in [name].into_iter().chain(aliases) {
            if word.is_empty() {
                ctxt.error(span, "the word of a variant is not empty");
            } else if word.trim() != word {
                ctxt.error(span, "the word of a variant has no white space around it");
            }
            if let Some(first) = seen.insert(word.clone(), variant.ident) {
                let message = format!("`{word}` stands for the variant `{first}` already");
                ctxt.error(span, message);
            }
        }
    }
}
