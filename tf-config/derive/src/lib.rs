//! The derive behind `tf-config`; that crate documents it.
//!
//! The stages: `attr` reads the attributes, `ast` puts them beside the fields and types,
//! `valid` holds every rule and its message, `expand` and `expand_enum` write the code. All
//! mistakes are collected in a `ctxt::Ctxt`; when there are any, `fallback` writes an empty
//! implementation, so that the compiler reports ours alone.

mod ast;
mod attr;
mod ctxt;
mod expand;
mod expand_enum;
mod fallback;
mod kind;
mod valid;

use proc_macro2::TokenStream;
use syn::DeriveInput;

use self::ast::Input;
use self::ctxt::Ctxt;

/// Implements `Config` for a struct, or serde's `Deserialize` for an enum of unit variants.
#[proc_macro_derive(Config, attributes(config))]
pub fn config(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    implement(&syn::parse_macro_input!(input as DeriveInput)).into()
}

fn implement(input: &DeriveInput) -> TokenStream {
    let ctxt = Ctxt::default();
    let parsed = Input::parse(&ctxt, input);
    if let Some(parsed) = &parsed {
        valid::check(&ctxt, parsed);
    }
    match (ctxt.finish(), parsed) {
        (None, Some(Input::Struct(parsed))) => expand::implement(&parsed),
        (None, Some(Input::Enum(parsed))) => expand_enum::implement(&parsed),
        (None, None) => unreachable!("input that is not understood has an error"),
        (Some(errors), _) => fallback::implement(input, &errors),
    }
}
