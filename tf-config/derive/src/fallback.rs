//! The code for input with mistakes: the errors, and an implementation that only stands there, so
//! that the uses of the type give no further errors.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Data, DeriveInput, GenericParam, parse_quote};

use crate::attr::StructAttrs;
use crate::ctxt::Ctxt;
use crate::expand;

pub(crate) fn implement(input: &DeriveInput, errors: &syn::Error) -> TokenStream {
    let errors = errors.to_compile_error();
    // Read anew, as there may be no more than this; its mistakes are among the errors.
    let attrs = StructAttrs::parse(&Ctxt::default(), &input.attrs);
    let krate = expand::krate(Some(&attrs));
    let ident = &input.ident;
    let (generics, types, bounds) = input.generics.split_for_impl();
    let body = match &input.data {
        Data::Enum(_) => deserialize(input),
        Data::Struct(_) | Data::Union(_) => quote! {
            #[automatically_derived]
            impl #generics #krate::Config for #ident #types #bounds {
                const SECTION: &'static __tf::Section = &__tf::Section::EMPTY;
                fn read(_: &mut __tf::Reader<'_>) -> ::core::option::Option<Self> {
                    ::core::option::Option::None
                }
            }
        },
    };
    let debug = attrs.debug.is_set().then(|| {
        quote! {
            #[automatically_derived]
            impl #generics ::core::fmt::Debug for #ident #types #bounds {
                fn fmt(&self, _: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                    ::core::result::Result::Ok(())
                }
            }
        }
    });
    quote! {
        #errors
        const _: () = {
            use #krate::__private as __tf;
            #body
            #debug
        };
    }
}

fn deserialize(input: &DeriveInput) -> TokenStream {
    let ident = &input.ident;
    let (_, types, bounds) = input.generics.split_for_impl();
    let mut generics = input.generics.clone();
    let lifetime: GenericParam = parse_quote!('__de);
    generics.params.insert(0, lifetime);
    let (generics, ..) = generics.split_for_impl();
    quote! {
        #[automatically_derived]
        impl #generics __tf::serde::Deserialize<'__de> for #ident #types #bounds {
            fn deserialize<__D: __tf::serde::Deserializer<'__de>>(
                _: __D,
            ) -> ::core::result::Result<Self, __D::Error> {
                ::core::unreachable!()
            }
        }
    }
}
