//! How a field's text becomes its value.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::{Ident, Lit, Type};

use super::in_code;
use crate::ast::{Field, Form};
use crate::attr::{Literal, Range};
use crate::kind::{self, Known};

pub(super) fn declare(name: &Ident, field: &Field<'_>) -> TokenStream {
    let ty = field.inner;
    let decode = decode(field);
    let show = match field.attrs.redacted.is_set() {
        true => {
            let show = show(field);
            quote!(::core::option::Option::Some(|value: &#ty| #show))
        }
        false => quote!(::core::option::Option::None),
    };
    let default_with = match field.attrs.default_with.get() {
        Some(path) => {
            let span = in_code(path);
            quote_spanned!(span=> ::core::option::Option::Some(|| #path()))
        }
        None => quote!(::core::option::Option::None),
    };
    quote! {
        let #name: __tf::Door<#ty> = __tf::Door {
            decode: #decode,
            show: #show,
            default_with: #default_with,
        };
    }
}

/// The text of a value that hides its own secrets.
pub(super) fn show(field: &Field<'_>) -> TokenStream {
    let span = in_code(field.one);
    match &field.form {
        Form::Scalar => quote_spanned!(span=> ::std::string::ToString::to_string(value)),
        Form::List(_) => quote_spanned! {span=>
            value.iter().map(::std::string::ToString::to_string).collect::<::std::vec::Vec<_>>().join(",")
        },
        Form::Map(..) => quote_spanned! {span=>
            value.iter().map(|(key, value)| ::std::format!("{key}={value}")).collect::<::std::vec::Vec<_>>().join(",")
        },
    }
}

fn decode(field: &Field<'_>) -> TokenStream {
    let ty = field.inner;
    let one = one(field);
    let whole = match &field.form {
        Form::Scalar => one,
        Form::List(list) => {
            let (delimiter, trim, item) = (list.delimiter, list.trim, field.one);
            quote!(__tf::list::<#ty, #item>(input, #delimiter, #trim, |input| #one))
        }
        Form::Map(map, key) => {
            let (delimiter, separator, value) = (map.delimiter, map.separator, field.one);
            let key_shape = shape_of(Known::of(key), key, false);
            let key_decode = leaf(Known::of(key), key, false);
            quote! {
                __tf::map::<#ty, #key, #value>(
                    input, (#delimiter, #separator), (#key_shape, |input| #key_decode), |input| #one,
                )
            }
        }
    };
    match field.attrs.validate.get() {
        None => quote!(|input| #whole),
        Some(path) => {
            let span = in_code(path);
            let verdict = quote_spanned!(span=> #path(&value));
            quote! {
                |input| {
                    let value: #ty = #whole?;
                    let verdict = #verdict;
                    __tf::checked(value, verdict)
                }
            }
        }
    }
}

/// One value: the whole, an item, or the value of an entry.
fn one(field: &Field<'_>) -> TokenStream {
    let one = field.one;
    let leaf = leaf(field.known, one, field.attrs.from_str.is_set());
    match field.attrs.range.get() {
        None => leaf,
        Some(range) => {
            let (from, to) = bounds(field, range);
            quote!(#leaf.and_then(|value: #one| __tf::in_range(value, #from, #to)))
        }
    }
}

fn leaf(known: Known, ty: &Type, from_str: bool) -> TokenStream {
    // The span makes a missing trait point at the field's type.
    let span = in_code(ty);
    match known {
        _ if from_str => quote_spanned!(span=> __tf::from_str::<#ty>(input)),
        Known::Wide(..) => quote_spanned!(span=> __tf::from_str::<#ty>(input)),
        Known::Os => quote_spanned!(span=> __tf::os::<#ty>(input)),
        Known::Duration => quote_spanned!(span=> __tf::duration(input)),
        Known::SecretText => quote_spanned!(span=> __tf::secret_text(input)),
        _ => quote_spanned!(span=> __tf::leaf::<#ty>(input)),
    }
}

fn bounds(field: &Field<'_>, range: &Range) -> (TokenStream, TokenStream) {
    let bound = |bound: &Option<Literal>, inclusive: bool| {
        let Some(literal) = bound else {
            return quote!(::core::ops::Bound::Unbounded);
        };
        let text = match &literal.lit {
            Lit::Str(text) => Some(text.value()),
            _ if kind::is_non_zero(field.one) => literal.text(),
            _ => None,
        };
        let value = match text {
            Some(text) => {
                let leaf = leaf(field.known, field.one, field.attrs.from_str.is_set());
                quote!({ let input = &input.literal(#text); #leaf? })
            }
            None => quote!(#literal),
        };
        match inclusive {
            true => quote!(::core::ops::Bound::Included(#value)),
            false => quote!(::core::ops::Bound::Excluded(#value)),
        }
    };
    (bound(&range.from, true), bound(&range.to, range.inclusive))
}

/// The function that tells what text one value is read from.
pub(super) fn shape(field: &Field<'_>) -> TokenStream {
    shape_of(field.known, field.one, field.attrs.from_str.is_set())
}

fn shape_of(known: Known, ty: &Type, from_str: bool) -> TokenStream {
    let span = in_code(ty);
    match known {
        Known::Wide(..) => quote!(__tf::integer_shape::<#ty>),
        Known::Os => quote!(|| __tf::Shape::Os),
        Known::Duration => quote!(|| __tf::Shape::Duration),
        Known::SecretText => quote!(|| __tf::Shape::Text),
        _ if from_str => quote!(|| __tf::Shape::Parsed(::std::string::String::new())),
        _ => quote_spanned!(span=> __tf::shape::<#ty>),
    }
}
