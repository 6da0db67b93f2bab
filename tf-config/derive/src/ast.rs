//! The input with its attributes and with what its types say.

use proc_macro2::Span;
use syn::ext::IdentExt;
use syn::{Data, DeriveInput, Fields, Ident, Path, Type, Variant as SynVariant};

use crate::attr::{
    DefaultValue, FieldAttrs, ListAttrs, MapAttrs, Opt, StructAttrs, VariantAttrs, doc,
};
use crate::ctxt::Ctxt;
use crate::kind::{self, Known};

pub(crate) enum Input<'a> {
    Struct(Struct<'a>),
    Enum(Enum<'a>),
}

pub(crate) struct Struct<'a> {
    pub(crate) ident: &'a Ident,
    pub(crate) attrs: StructAttrs,
    pub(crate) fields: Vec<Field<'a>>,
}

pub(crate) struct Field<'a> {
    pub(crate) ident: &'a Ident,
    pub(crate) attrs: FieldAttrs,
    pub(crate) doc: String,
    /// The type within `Option`, or the type itself.
    pub(crate) inner: &'a Type,
    pub(crate) optional: bool,
    pub(crate) form: Form<'a>,
    /// What one value is: the item of a list, the value of a map.
    pub(crate) known: Known,
    pub(crate) one: &'a Type,
}

pub(crate) enum Form<'a> {
    Scalar,
    List(ListAttrs),
    Map(MapAttrs, &'a Type),
}

pub(crate) struct Enum<'a> {
    pub(crate) ident: &'a Ident,
    pub(crate) attrs: StructAttrs,
    pub(crate) variants: Vec<Variant<'a>>,
}

pub(crate) struct Variant<'a> {
    pub(crate) ident: &'a Ident,
    pub(crate) syn: &'a SynVariant,
    pub(crate) attrs: VariantAttrs,
}

impl<'a> Input<'a> {
    pub(crate) fn parse(ctxt: &Ctxt, input: &'a DeriveInput) -> Option<Self> {
        if !input.generics.params.is_empty() {
            let params = &input.generics.params;
            ctxt.push(syn::Error::new_spanned(
                params,
                "a configuration has no generic parameters",
            ));
        }
        let ident = &input.ident;
        let mut attrs = StructAttrs::parse(ctxt, &input.attrs);
        resolve_self(&mut attrs.validate, ident);
        match &input.data {
            Data::Struct(data) => {
                let Fields::Named(fields) = &data.fields else {
                    let message = "a configuration has named fields; a type of one value derives \
                                   serde's `Deserialize` instead";
                    ctxt.error(ident.span(), message);
                    return None;
                };
                let fields = fields
                    .named
                    .iter()
                    .filter_map(|field| Field::parse(ctxt, ident, field));
                Some(Self::Struct(Struct {
                    ident,
                    attrs,
                    fields: fields.collect(),
                }))
            }
            Data::Enum(data) => {
                let variants = data.variants.iter().map(|syn| Variant {
                    ident: &syn.ident,
                    syn,
                    attrs: VariantAttrs::parse(ctxt, &syn.attrs),
                });
                Some(Self::Enum(Enum {
                    ident,
                    attrs,
                    variants: variants.collect(),
                }))
            }
            Data::Union(data) => {
                ctxt.error(
                    data.union_token.span,
                    "a configuration is a struct or an enum",
                );
                None
            }
        }
    }
}

impl<'a> Field<'a> {
    fn parse(ctxt: &Ctxt, owner: &Ident, field: &'a syn::Field) -> Option<Self> {
        let ident = field.ident.as_ref()?;
        let mut attrs = FieldAttrs::parse(ctxt, &field.attrs);
        resolve_self(&mut attrs.validate, owner);
        resolve_self(&mut attrs.default_with, owner);
        let inner = kind::option(&field.ty);
        let optional = inner.is_some();
        let inner = inner.unwrap_or(&field.ty);
        let (form, one) = form(ctxt, &mut attrs, inner);
        Some(Self {
            ident,
            doc: doc(&field.attrs),
            inner,
            optional,
            form,
            known: Known::of(one),
            one,
            attrs,
        })
    }

    /// The field's name without `r#`.
    pub(crate) fn name(&self) -> String {
        self.ident.unraw().to_string()
    }

    /// What follows the prefix.
    pub(crate) fn suffix(&self) -> String {
        self.name().to_uppercase()
    }

    /// The variable's name where the struct is loaded by itself.
    pub(crate) fn full_name(&self, prefix: &str) -> String {
        match self.attrs.rename.get() {
            Some(name) => name.value(),
            None if prefix.is_empty() => self.suffix(),
            None => format!("{prefix}_{}", self.suffix()),
        }
    }

    pub(crate) fn is_nested(&self) -> bool {
        self.attrs.nested.is_set()
    }

    pub(crate) fn is_secret(&self) -> bool {
        match self.attrs.secret.get() {
            Some(declared) => *declared,
            None => self.known.is_secret() || self.is_secret_by_name(),
        }
    }

    /// Whether the name alone says that the value is a secret.
    pub(crate) fn is_secret_by_name(&self) -> bool {
        const ENDINGS: [&str; 8] = [
            "password",
            "passwd",
            "passphrase",
            "secret",
            "token",
            "api_key",
            "private_key",
            "credentials",
        ];
        let name = self.name();
        let says_so = ENDINGS.iter().any(|ending| {
            name.strip_suffix(ending)
                .is_some_and(|rest| rest.is_empty() || rest.ends_with('_'))
        });
        says_so
            && !self.known.is_plain_value()
            && !self.attrs.redacted.is_set()
            && !self.is_nested()
    }

    /// The default as the text that a variable would hold.
    pub(crate) fn default_text(&self) -> Option<String> {
        match (self.attrs.default.get()?, &self.form) {
            (DefaultValue::One(literal), _) => literal.text(),
            (DefaultValue::List(items, _), Form::List(list)) => {
                let items: Option<Vec<String>> =
                    items.iter().map(super::attr::Literal::text).collect();
                let escape = |item: String| {
                    let delimiter = list.delimiter.to_string();
                    item.replace('\\', r"\\")
                        .replace(&delimiter, &format!("\\{delimiter}"))
                };
                Some(
                    items?
                        .into_iter()
                        .map(escape)
                        .collect::<Vec<_>>()
                        .join(&list.delimiter.to_string()),
                )
            }
            (DefaultValue::List(items, _), _) => items.is_empty().then(String::new),
        }
    }

    pub(crate) fn span(&self) -> Span {
        self.ident.span()
    }
}

/// Lets a path begin with `Self`, which the generated code has no meaning for.
fn resolve_self(path: &mut Opt<Path>, owner: &Ident) {
    let first = path
        .0
        .as_mut()
        .and_then(|(_, path)| path.segments.first_mut());
    if let Some(first) = first.filter(|first| first.ident == "Self") {
        first.ident = Ident::new(&owner.to_string(), first.ident.span());
    }
}

/// Takes `list` and `map` out of the attributes, or finds them in the written type.
fn form<'a>(ctxt: &Ctxt, attrs: &mut FieldAttrs, ty: &'a Type) -> (Form<'a>, &'a Type) {
    let list = attrs.list.0.take();
    let map = attrs.map.0.take();
    if let (Some((span, _)), Some(_)) = (&list, &map) {
        ctxt.error(*span, "`list` and `map` exclude each other");
    }
    if let Some((span, map)) = map {
        return match kind::arguments(ty, &[]).as_deref() {
            Some([key, value]) => (Form::Map(map, key), value),
            _ => {
                ctxt.error(
                    span,
                    "`map` needs a type with a key and a value, such as `BTreeMap<String, u16>`",
                );
                (Form::Scalar, ty)
            }
        };
    }
    if let Some((span, list)) = list {
        return match kind::arguments(ty, &[]).as_deref() {
            Some([item, ..]) => (Form::List(list), item),
            _ => {
                ctxt.error(
                    span,
                    "`list` needs a type with items, such as `Vec<String>`",
                );
                (Form::Scalar, ty)
            }
        };
    }
    if let Some([item, ..]) = kind::arguments(ty, kind::LISTS).as_deref() {
        return (
            Form::List(ListAttrs {
                delimiter: ',',
                trim: true,
            }),
            item,
        );
    }
    match kind::arguments(ty, kind::MAPS).as_deref() {
        Some([key, value, ..]) => (
            Form::Map(
                MapAttrs {
                    delimiter: ',',
                    separator: '=',
                },
                key,
            ),
            value,
        ),
        _ => (Form::Scalar, ty),
    }
}
