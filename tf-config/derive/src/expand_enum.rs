//! The code for an enum of unit variants.

use proc_macro2::TokenStream;
use quote::quote;
use syn::ext::IdentExt;

use crate::ast::{Enum, Variant};
use crate::expand;

pub(crate) fn implement(input: &Enum<'_>) -> TokenStream {
    let ident = input.ident;
    let name = ident.unraw().to_string();
    let krate = expand::krate(Some(&input.attrs));
    let mut words = Vec::new();
    let mut arms = Vec::new();
    for variant in &input.variants {
        let variant_ident = variant.ident;
        let first = words.len();
        words.push(word(variant));
        words.extend(variant.attrs.aliases.iter().map(syn::LitStr::value));
        let last = words.len() - 1;
        arms.push(quote!(#first..=#last => Self::#variant_ident,));
    }
    quote! {
        const _: () = {
            use #krate::__private as __tf;

            #[automatically_derived]
            impl<'de> __tf::serde::Deserialize<'de> for #ident {
                fn deserialize<D: __tf::serde::Deserializer<'de>>(
                    deserializer: D,
                ) -> ::core::result::Result<Self, D::Error> {
                    const WORDS: &[&str] = &[#(#words),*];
                    let place = __tf::unit_variant(deserializer, #name, WORDS)?;
                    ::core::result::Result::Ok(match place {
                        #(#arms)*
                        _ => ::core::unreachable!(),
                    })
                }
            }
        };
    }
}

/// The word of a variant: renamed, or in kebab case.
pub(crate) fn word(variant: &Variant<'_>) -> String {
    if let Some(name) = variant.attrs.rename.get() {
        return name.value();
    }
    let mut word = String::new();
    let name = variant.ident.unraw().to_string();
    let chars: Vec<char> = name.chars().collect();
    for (at, char) in chars.iter().enumerate() {
        let begins = char.is_uppercase()
            && at > 0
            && (!chars[at - 1].is_uppercase()
                || chars.get(at + 1).is_some_and(|next| next.is_lowercase()));
        if begins {
            word.push('-');
        }
        word.extend(char.to_lowercase());
    }
    word
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use syn::parse_quote;

    use crate::expand::tests::lines;

    #[test]
    fn a_variant_is_read_from_its_word_and_its_aliases() {
        let code = crate::implement(&parse_quote! {
            enum LogFormat {
                Json,
                #[config(alias = "text", alias = "plain")]
                PrettyText,
                #[config(rename = "auto")]
                Automatic,
            }
        });
        expect![[r#"
            const _:() = {
                use::tf_config::__private as __tf;
                #[automatically_derived]impl<'de>__tf::serde::Deserialize<'de>for LogFormat{
                    fn deserialize<D:__tf::serde::Deserializer<'de>>(deserializer:D,)->::core::result::Result<Self,
                    D::Error>{
                        const WORDS:&[&str] = &["json", "pretty-text", "text", "plain", "auto"];
                        let place = __tf::unit_variant(deserializer, "LogFormat", WORDS)?;
                        ::core::result::Result::Ok(match place{
                            0usize..=0usize=>Self::Json,
                            1usize..=3usize=>Self::PrettyText,
                            4usize..=4usize=>Self::Automatic,
                            _=>::core::unreachable!(),
                        })
                    }
                }
            };
        "#]].assert_eq(&lines(code));
    }
}
