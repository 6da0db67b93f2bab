//! A `Debug` that shows no secret.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::ext::IdentExt;

use super::{door, in_code};
use crate::ast::{Field, Struct};

pub(super) fn implement(input: &Struct<'_>) -> TokenStream {
    let ident = input.ident;
    let name = ident.unraw().to_string();
    let fields = input.fields.iter().map(field);
    quote! {
        impl ::core::fmt::Debug for #ident {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.debug_struct(#name)#(#fields)*.finish()
            }
        }
    }
}

fn field(field: &Field<'_>) -> TokenStream {
    let (ident, name) = (field.ident, field.name());
    let shown = if field.is_nested() {
        quote!(&self.#ident)
    } else if field.attrs.redacted.is_set() {
        redacted(field)
    } else if field.is_secret() {
        match field.optional {
            true => quote!(&__tf::DebugSecret::of_option(&self.#ident)),
            false => quote!(&__tf::DebugSecret::of(&self.#ident)),
        }
    } else {
        let span = in_code(field.inner);
        quote_spanned!(span=> &__tf::DebugField(&self.#ident))
    };
    quote!(.field(#name, #shown))
}

fn redacted(field: &Field<'_>) -> TokenStream {
    let ident = field.ident;
    let show = door::show(field);
    match field.optional {
        true => quote!(&self.#ident.as_ref().map(|value| #show)),
        false => quote!(&{
            let value = &self.#ident;
            __tf::DebugText(#show)
        }),
    }
}
