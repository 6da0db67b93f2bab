//! The code for input with mistakes: the errors, and an implementation that only stands there, so
//! that the uses of the type give no further errors.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Data, DeriveInput};

use crate::ast::Input;
use crate::expand;

pub(crate) fn implement(
    input: &DeriveInput,
    parsed: Option<&Input<'_>>,
    errors: &syn::Error,
) -> TokenStream {
    let errors = errors.to_compile_error();
    let ident = &input.ident;
    let (generics, types, bounds) = input.generics.split_for_impl();
    let attrs = match parsed {
        Some(Input::Struct(parsed)) => Some(&parsed.attrs),
        Some(Input::Enum(parsed)) => Some(&parsed.attrs),
        None => None,
    };
    let krate = expand::krate(attrs);
    let body = match (&input.data, input.generics.params.is_empty()) {
        (Data::Enum(_), _) => quote! {
            #[automatically_derived]
            impl<'de> __tf::serde::Deserialize<'de> for #ident {
                fn deserialize<D: __tf::serde::Deserializer<'de>>(_: D) -> ::core::result::Result<Self, D::Error> {
                    ::core::unreachable!()
                }
            }
        },
        (_, false) if parsed.is_none() => TokenStream::new(),
        _ => quote! {
            #[automatically_derived]
            impl #generics #krate::Config for #ident #types #bounds {
                const SECTION: &'static __tf::Section = &__tf::Section { prefix: "", entries: &[] };
                fn read(_: &mut __tf::Reader<'_>) -> ::core::option::Option<Self> {
                    ::core::option::Option::None
                }
            }
        },
    };
    let debug = match attrs.is_some_and(|attrs| attrs.debug.is_set())
        && matches!(input.data, Data::Struct(_))
    {
        true => quote! {
            #[automatically_derived]
            impl #generics ::core::fmt::Debug for #ident #types #bounds {
                fn fmt(&self, _: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                    ::core::result::Result::Ok(())
                }
            }
        },
        false => TokenStream::new(),
    };
    quote! {
        #errors
        const _: () = {
            use #krate::__private as __tf;
            #body
            #debug
        };
    }
}
