//! What the derive writes, for a few inputs.

use expect_test::expect;
use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};
use syn::parse_quote;

#[test]
fn a_field_becomes_an_entry_of_the_table_and_a_door_to_its_value() {
    let code = crate::implement(&parse_quote! {
        #[config(prefix = "SHOP")]
        struct Settings {
            /// Port of the HTTP server.
            #[config(default = 5000, range = 1024..)]
            port: u16,
        }
    });
    expect![[r#"
        const _:() = {
            use::tf_config::__private as __tf;
            const __BOTH:(&__tf::Section, fn(&mut __tf::Reader<'_>)->::core::option::Option<Settings>,) = (&__tf::Section{
                prefix:"SHOP",
                has_complete_names:false,
                entries:&[__tf::Entry::Leaf(__tf::Leaf{
                    field:"port",
                    name:__tf::Name::Suffix("PORT"),
                    full:"SHOP_PORT",
                    doc:"Port of the HTTP server.",
                    kind:__tf::Kind::Scalar,
                    presence:__tf::Presence::Default("5000"),
                    display:__tf::Visibility::Shown,
                    shape:__tf::shape::<u16>,
                    label:"",
                    range:::core::option::Option::Some("1024.."),
                    ..__tf::Leaf::NEW
                })],
            }, |reader|{
                let __section = <Settings as __tf::Config>::SECTION;
                let door_0:__tf::Door<u16> = __tf::Door{
                    decode:|input|__tf::leaf::<u16>(input).and_then(|value:u16|__tf::in_range(value, ::core::ops::Bound::Included(1024), ::core::ops::Bound::Unbounded)),
                    show:::core::option::Option::None,
                    default_with:::core::option::Option::None,
                };
                let field_0 = reader.leaf(__section.leaf(0usize), &door_0);
                let value = Settings{
                    port:field_0?
                };
                ::core::option::Option::Some(value)
            },);
            #[automatically_derived]impl::tf_config::Config for Settings{
                const SECTION:&'static __tf::Section = __BOTH.0;
                fn read(reader:&mut __tf::Reader<'_>)->::core::option::Option<Self>{
                    (__BOTH.1)(reader)
                }
            }
        };
    "#]].assert_eq(&lines(code));
}

#[test]
fn groups_conditions_and_secrets_are_read_in_the_order_of_the_fields() {
    let code = crate::implement(&parse_quote! {
        #[config(crate = kit::config, debug, validate = check)]
        struct Settings {
            #[config(nested)]
            mail: Option<Mail>,
            #[config(required_if(mail))]
            mail_key: Option<SecretString>,
        }
    });
    expect![[r#"
        const _:() = {
            use kit::config::__private as __tf;
            const __BOTH:(&__tf::Section, fn(&mut __tf::Reader<'_>)->::core::option::Option<Settings>,) = (&__tf::Section{
                prefix:"",
                has_complete_names:false||<Mail as __tf::Config>::SECTION.has_complete_names,
                entries:&[__tf::Entry::Group(__tf::Group{
                    field:"mail",
                    name:"MAIL",
                    doc:"",
                    optional:true,
                    section:<Mail as __tf::Config>::SECTION,
                    ..__tf::Group::NEW
                }), __tf::Entry::Leaf(__tf::Leaf{
                    field:"mail_key",
                    name:__tf::Name::Suffix("MAIL_KEY"),
                    full:"MAIL_KEY",
                    doc:"",
                    kind:__tf::Kind::Scalar,
                    presence:__tf::Presence::Optional,
                    display:__tf::Visibility::Secret,
                    shape:||__tf::Shape::Text,
                    label:"",
                    required_if:::core::option::Option::Some(__tf::Condition{
                        name:__tf::Name::Suffix("MAIL"),
                        is_group:true,
                        equals:::core::option::Option::None,
                    }),
                    ..__tf::Leaf::NEW
                })],
            }, |reader|{
                let __section = <Settings as __tf::Config>::SECTION;
                let door_1:__tf::Door<SecretString> = __tf::Door{
                    decode:|input|__tf::secret_text(input),
                    show:::core::option::Option::None,
                    default_with:::core::option::Option::None,
                };
                let field_0 = reader.optional_group::<Mail>(__section.group(0usize));
                let field_1 = reader.optional(__section.leaf(1usize), &door_1);
                reader.required_if(__section, 1usize, &field_1, field_0.as_ref().map(|value|value.is_some()));
                let value = Settings{
                    mail:field_0?,
                    mail_key:field_1?
                };
                let verdict = check(&value);
                reader.validated(value, verdict)
            },);
            #[automatically_derived]impl kit::config::Config for Settings{
                const SECTION:&'static __tf::Section = __BOTH.0;
                fn read(reader:&mut __tf::Reader<'_>)->::core::option::Option<Self>{
                    (__BOTH.1)(reader)
                }
            }
            impl::core::fmt::Debug for Settings{
                fn fmt(&self, f:&mut::core::fmt::Formatter<'_>)->::core::fmt::Result{
                    f.debug_struct("Settings").field("mail", &self.mail).field("mail_key", &__tf::DebugSecret::of_option(&self.mail_key)).finish()
                }
            }
        };
    "#]].assert_eq(&lines(code));
}

/// The code with a line per field, statement and block.
pub(crate) fn lines(code: TokenStream) -> String {
    let mut text = String::new();
    write(code, 0, true, &mut text);
    text + "\n"
}

fn write(code: TokenStream, depth: usize, in_braces: bool, text: &mut String) {
    let line = |depth: usize| format!("\n{}", "    ".repeat(depth));
    let mut tokens = code.into_iter().peekable();
    while let Some(token) = tokens.next() {
        let is_word = matches!(token, TokenTree::Ident(_) | TokenTree::Literal(_));
        if is_word && text.ends_with(|last: char| last.is_alphanumeric() || last == '_') {
            text.push(' ');
        } else if is_word && text.ends_with('}') {
            text.push_str(&line(depth));
        }
        match token {
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => {
                text.push_str(&format!("{{{}", line(depth + 1)));
                write(group.stream(), depth + 1, true, text);
                text.push_str(&format!("{}}}", line(depth)));
            }
            TokenTree::Group(group) => {
                let is_call = group.delimiter() == Delimiter::Parenthesis;
                text.push(if is_call { '(' } else { '[' });
                write(group.stream(), depth, false, text);
                text.push(if is_call { ')' } else { ']' });
            }
            TokenTree::Punct(punct) if tokens.peek().is_some() => match punct.as_char() {
                ',' | ';' if in_braces => text.push_str(&format!("{punct}{}", line(depth))),
                '=' if punct.spacing() == Spacing::Alone && !text.ends_with('.') => {
                    text.push_str(" = ");
                }
                ',' | ';' => text.push_str(&format!("{punct} ")),
                char => text.push(char),
            },
            token => text.push_str(&token.to_string()),
        }
    }
}
