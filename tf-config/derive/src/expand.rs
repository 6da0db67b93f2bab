//! The code for a struct.

mod debug;
mod door;
#[cfg(test)]
pub(crate) mod tests;

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Ident, LitStr};

use crate::ast::{Field, Form, Struct};
use crate::attr::{Condition, DefaultValue, Literal, StructAttrs};
use crate::kind::{self, Known};

pub(crate) fn implement(input: &Struct<'_>) -> TokenStream {
    let ident = input.ident;
    let krate = krate(Some(&input.attrs));
    let prefix = input.attrs.prefix.get();
    let prefix = prefix.map(LitStr::value).unwrap_or_default();
    let prefix = prefix.trim_end_matches('_');
    let entries = input
        .fields
        .iter()
        .map(|field| entry(field, prefix, &input.fields));
    let has_complete_names = has_complete_names(input);
    let reader = reader(input);
    let debug = input.attrs.debug.is_set().then(|| debug::implement(input));
    let assertions = input.fields.iter().filter_map(assert_default);
    // Both items of the trait stand in one constant: the compiler reports a trait that a field's
    // type lacks once per body, and the table and the code need the same traits.
    quote! {
        const _: () = {
            use #krate::__private as __tf;

            #(#assertions)*

            const __BOTH: (
                &__tf::Section,
                fn(&mut __tf::Reader<'_>) -> ::core::option::Option<#ident>,
            ) = (
                &__tf::Section {
                    prefix: #prefix,
                    has_complete_names: #has_complete_names,
                    entries: &[#(#entries),*],
                },
                |reader| { #reader },
            );

            #[automatically_derived]
            impl #krate::Config for #ident {
                const SECTION: &'static __tf::Section = __BOTH.0;

                fn read(reader: &mut __tf::Reader<'_>) -> ::core::option::Option<Self> {
                    (__BOTH.1)(reader)
                }
            }

            #debug
        };
    }
}

fn has_complete_names(input: &Struct<'_>) -> TokenStream {
    let own = input.fields.iter().map(|field| &field.attrs).any(|attrs| {
        attrs.rename.is_set() || !attrs.aliases.is_empty() || !attrs.deprecated.is_empty()
    });
    let nested = input
        .fields
        .iter()
        .filter(|field| field.is_nested())
        .map(|field| field.inner);
    quote!(#own #(|| <#nested as __tf::Config>::SECTION.has_complete_names)*)
}

/// Reads every field, then builds the struct if each has a value.
fn reader(input: &Struct<'_>) -> TokenStream {
    let ident = input.ident;
    let fields = || input.fields.iter().enumerate();
    let doors = fields()
        .filter(|(_, field)| !field.is_nested())
        .map(|(at, field)| door::declare(&door_name(at), field));
    let reads = fields().map(|(at, field)| read(at, field));
    let conditions = fields()
        .filter_map(|(at, field)| Some(condition(at, field.attrs.required_if.get()?, input)));
    let members = fields().map(|(at, field)| {
        let (name, local) = (field.ident, local(at));
        quote!(#name: #local?)
    });
    let validated = match input.attrs.validate.get() {
        None => quote!(::core::option::Option::Some(value)),
        Some(path) => {
            let span = in_code(path);
            quote_spanned! {span=>
                let verdict = #path(&value);
                reader.validated(value, verdict)
            }
        }
    };
    quote! {
        let __section = <#ident as __tf::Config>::SECTION;
        #(#doors)*
        #(#reads)*
        #(#conditions)*
        let value = #ident { #(#members),* };
        #validated
    }
}

/// The place of the user's tokens, for code about which the compiler is to complain there. Names
/// still mean what they mean in the rest of the generated code.
fn in_code(tokens: impl Spanned) -> Span {
    tokens.span().resolved_at(Span::call_site())
}

/// The path of the library: the user's, or its own.
pub(crate) fn krate(attrs: Option<&StructAttrs>) -> TokenStream {
    match attrs.and_then(|attrs| attrs.krate.get()) {
        Some(path) => path.to_token_stream(),
        None => quote!(::tf_config),
    }
}

fn local(at: usize) -> Ident {
    format_ident!("field_{at}")
}

fn door_name(at: usize) -> Ident {
    format_ident!("door_{at}")
}

fn entry(field: &Field<'_>, prefix: &str, fields: &[Field<'_>]) -> TokenStream {
    let condition = field.attrs.required_if.get().map(|condition| {
        let other = fields.iter().find(|other| *other.ident == condition.field);
        let name = other.map(name);
        let is_group = other.is_some_and(Field::is_nested);
        let value = condition.value.as_ref().and_then(Literal::text);
        let equals = optional(value);
        quote!(required_if: ::core::option::Option::Some(__tf::Condition {
            name: #name, is_group: #is_group, equals: #equals,
        }),)
    });
    let (name_in_code, doc) = (field.name(), &field.doc);
    if field.is_nested() {
        let suffix = group_suffix(field);
        let optional = field.optional;
        let inner = field.inner;
        return quote! {
            __tf::Entry::Group(__tf::Group {
                field: #name_in_code,
                name: #suffix,
                doc: #doc,
                optional: #optional,
                section: <#inner as __tf::Config>::SECTION,
                #condition
                ..__tf::Group::NEW
            })
        };
    }
    let full = field.full_name(prefix);
    let (name, kind, presence, display) =
        (name(field), kind(field), presence(field), visibility(field));
    let (shape, label, options) = (door::shape(field), label(field), options(field));
    quote! {
        __tf::Entry::Leaf(__tf::Leaf {
            field: #name_in_code,
            name: #name,
            full: #full,
            doc: #doc,
            kind: #kind,
            presence: #presence,
            display: #display,
            shape: #shape,
            label: #label,
            #condition
            #options
            ..__tf::Leaf::NEW
        })
    }
}

fn group_suffix(field: &Field<'_>) -> String {
    match field.attrs.prefix.get() {
        Some(prefix) => prefix.value().trim_end_matches('_').to_owned(),
        None => field.suffix(),
    }
}

fn name(field: &Field<'_>) -> TokenStream {
    match field.attrs.rename.get() {
        Some(name) => quote!(__tf::Name::Complete(#name)),
        None => {
            let suffix = if field.is_nested() {
                group_suffix(field)
            } else {
                field.suffix()
            };
            quote!(__tf::Name::Suffix(#suffix))
        }
    }
}

fn kind(field: &Field<'_>) -> TokenStream {
    match &field.form {
        Form::Scalar => quote!(__tf::Kind::Scalar),
        Form::List(list) => {
            let delimiter = list.delimiter;
            quote!(__tf::Kind::List { delimiter: #delimiter })
        }
        Form::Map(map, _) => {
            let (delimiter, separator) = (map.delimiter, map.separator);
            quote!(__tf::Kind::Map { delimiter: #delimiter, separator: #separator })
        }
    }
}

fn presence(field: &Field<'_>) -> TokenStream {
    if field.optional {
        return quote!(__tf::Presence::Optional);
    }
    if let Some(path) = field.attrs.default_with.get() {
        let path = path.to_token_stream().to_string().replace(' ', "");
        return quote!(__tf::Presence::DefaultWith(#path));
    }
    match field.default_text() {
        Some(text) => quote!(__tf::Presence::Default(#text)),
        None => quote!(__tf::Presence::Required),
    }
}

fn visibility(field: &Field<'_>) -> TokenStream {
    if field.attrs.redacted.is_set() {
        return quote!(__tf::Visibility::Redacted);
    }
    if field.is_secret() {
        return quote!(__tf::Visibility::Secret);
    }
    match field.known {
        // Finds a secret type behind an alias.
        Known::Other => {
            let one = field.one;
            quote! {{
                use __tf::NotSecret as _;
                <__tf::Probe<#one>>::VISIBILITY
            }}
        }
        _ => quote!(__tf::Visibility::Shown),
    }
}

fn label(field: &Field<'_>) -> String {
    if let Some(expected) = field.attrs.expected.get() {
        return expected.value();
    }
    match (kind::label(field.one), kind::last_segment(field.one)) {
        (Some(label), _) => label.to_owned(),
        (None, Some(name)) if field.attrs.from_str.is_set() => {
            format!("a value of the type `{name}`")
        }
        _ => String::new(),
    }
}

fn options(field: &Field<'_>) -> TokenStream {
    let attrs = &field.attrs;
    let example = attrs
        .example
        .get()
        .map(|example| quote!(example: ::core::option::Option::Some(#example),));
    let range = attrs.range.get().map(|range| {
        let bound =
            |bound: &Option<Literal>| bound.as_ref().and_then(Literal::text).unwrap_or_default();
        let equals = if range.inclusive { "=" } else { "" };
        let text = format!("{}..{equals}{}", bound(&range.from), bound(&range.to));
        quote!(range: ::core::option::Option::Some(#text),)
    });
    let aliases = (!attrs.aliases.is_empty()).then(|| {
        let aliases = &attrs.aliases;
        quote!(aliases: &[#(#aliases),*],)
    });
    let deprecated = (!attrs.deprecated.is_empty()).then(|| {
        let deprecated = &attrs.deprecated;
        quote!(deprecated: &[#(#deprecated),*],)
    });
    let file = attrs.no_file.is_set().then(|| quote!(file: false,));
    let allow_empty = attrs
        .allow_empty
        .is_set()
        .then(|| quote!(allow_empty: true,));
    let tags = (!attrs.tags.is_empty()).then(|| {
        let pairs = attrs.tags.iter().map(|(key, value)| {
            let key = key.to_string();
            quote!((#key, #value))
        });
        quote!(tags: &[#(#pairs),*],)
    });
    quote!(#example #range #aliases #deprecated #file #allow_empty #tags)
}

fn read(at: usize, field: &Field<'_>) -> TokenStream {
    let (local, door) = (local(at), door_name(at));
    let inner = field.inner;
    match (field.is_nested(), field.optional) {
        (true, false) => quote!(let #local = reader.group::<#inner>(__section.group(#at));),
        (true, true) => {
            quote!(let #local = reader.optional_group::<#inner>(__section.group(#at));)
        }
        (false, false) => quote!(let #local = reader.leaf(__section.leaf(#at), &#door);),
        (false, true) => quote!(let #local = reader.optional(__section.leaf(#at), &#door);),
    }
}

fn condition(at: usize, condition: &Condition, input: &Struct<'_>) -> TokenStream {
    let place = input
        .fields
        .iter()
        .position(|field| *field.ident == condition.field)
        .unwrap_or(at);
    let other = &input.fields[place];
    let (own, other_local, other_door) = (local(at), local(place), door_name(place));
    let holds = match (
        condition.value.as_ref().and_then(Literal::text),
        other.optional,
    ) {
        (None, _) => quote!(#other_local.as_ref().map(|value| value.is_some())),
        (Some(text), false) => quote! {
            #other_local.as_ref().map(|value| __tf::equals(__section.leaf(#place), &#other_door, value, #text))
        },
        (Some(text), true) => quote! {
            #other_local.as_ref().map(|value| value.as_ref().is_some_and(
                |value| __tf::equals(__section.leaf(#place), &#other_door, value, #text)
            ))
        },
    };
    quote!(reader.required_if(__section, #at, &#own, #holds);)
}

/// Stops the compiler at a default duration that does not parse, where it stands.
fn assert_default(field: &Field<'_>) -> Option<TokenStream> {
    let default = field.attrs.default.get()?;
    let (DefaultValue::One(literal), Known::Duration, Form::Scalar) =
        (default, field.known, &field.form)
    else {
        return None;
    };
    let span = in_code(literal);
    Some(quote_spanned!(span=> const _: () = __tf::assert_duration(#literal);))
}

fn optional(text: Option<String>) -> TokenStream {
    match text {
        Some(text) => quote!(::core::option::Option::Some(#text)),
        None => quote!(::core::option::Option::None),
    }
}
