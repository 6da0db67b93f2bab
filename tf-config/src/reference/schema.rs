//! JSON Schema, draft 2020-12: <https://json-schema.org/draft/2020-12>.

use super::Variable;
use super::json::Json;
use crate::decode::Shape;
use crate::section::Kind;

type Members = Vec<(String, Json)>;

pub(super) fn write(variables: &[Variable]) -> String {
    let mut properties = Members::new();
    let mut needs = Vec::new();
    let mut dependent = Members::new();
    for variable in variables {
        properties.extend(names_of(variable));
        if !variable.is_required() {
            continue;
        }
        match variable.group {
            None => needs.push(any_name(variable)),
            Some(_) => dependent.extend(dependents(variable, variables)),
        }
    }
    let mut schema = vec![
        (
            "$schema".to_owned(),
            Json::text("https://json-schema.org/draft/2020-12/schema"),
        ),
        ("type".to_owned(), Json::text("object")),
        ("properties".to_owned(), Json::Object(properties)),
    ];
    let needs: Vec<Json> = needs
        .into_iter()
        .chain(dependent.into_iter().map(|(_, need)| need))
        .collect();
    if !needs.is_empty() {
        schema.push(("allOf".to_owned(), Json::List(needs)));
    }
    format!("{}\n", Json::Object(schema))
}

/// The properties of a variable: itself, its file, and its other names.
fn names_of(variable: &Variable) -> Members {
    let name = variable.name();
    let mut members = vec![(name.to_owned(), property(variable))];
    if variable.has_file() {
        let text = format!("Path of a file that holds {name}.");
        members.push((
            format!("{name}_FILE"),
            Json::Object(vec![
                ("type".to_owned(), Json::text("string")),
                ("description".to_owned(), Json::text(text)),
            ]),
        ));
    }
    for (other, deprecated) in variable.leaf.other_names() {
        let mut members_of_other = vec![(
            "$ref".to_owned(),
            Json::text(format!("#/properties/{name}")),
        )];
        if deprecated {
            members_of_other.push(("deprecated".to_owned(), Json::Bool(true)));
        }
        members.push((other.to_owned(), Json::Object(members_of_other)));
    }
    members
}

fn property(variable: &Variable) -> Json {
    let mut members = value(variable);
    let mut push = |key: &str, value: Json| members.push((key.to_owned(), value));
    if !variable.doc().is_empty() {
        push("description", Json::text(variable.doc()));
    }
    if let Some(default) = variable.default() {
        push("default", Json::text(default));
    }
    if let Some(example) = variable.example() {
        push("examples", Json::texts([example]));
    }
    if variable.is_secret() {
        push("writeOnly", Json::Bool(true));
    }
    if !variable.tags().is_empty() {
        let tags = variable
            .tags()
            .iter()
            .map(|(key, value)| ((*key).to_owned(), Json::text(*value)));
        push("x-tags", Json::Object(tags.collect()));
    }
    Json::Object(members)
}

/// What the text must be. White space around it is allowed as far as the program allows it, and
/// an empty text where the program then takes it as not set.
fn value(variable: &Variable) -> Members {
    let is_empty_allowed = !variable.is_required() || variable.leaf.allow_empty;
    let pattern = |body: &str| {
        let optional = if is_empty_allowed { "?" } else { "" };
        (
            "pattern".to_owned(),
            Json::text(format!("^\\s*({body}){optional}\\s*$")),
        )
    };
    let types = |other: &str| ("type".to_owned(), Json::texts(["string", other]));
    let string = ("type".to_owned(), Json::text("string"));
    let mut members = match ((variable.leaf.shape)(), variable.leaf.kind) {
        (Shape::Integer { .. }, Kind::Scalar) => vec![types("integer"), pattern("[+-]?[0-9]+")],
        (Shape::Float { .. }, Kind::Scalar) => {
            vec![
                types("number"),
                pattern("[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]+)?"),
            ]
        }
        (Shape::Bool, Kind::Scalar) => {
            let words = "[Tt][Rr][Uu][Ee]|[Ff][Aa][Ll][Ss][Ee]|[Yy][Ee][Ss]|[Nn][Oo]|[Oo][Nn]|[Oo][Ff][Ff]|0|1";
            vec![types("boolean"), pattern(words)]
        }
        (Shape::Duration, Kind::Scalar) => {
            vec![
                string,
                pattern("0|([0-9]+(\\.[0-9]+)?(d|h|m|s|ms|us|µs|ns) *)+"),
            ]
        }
        (Shape::Enum(words), Kind::Scalar) => {
            let empty = is_empty_allowed.then_some("");
            vec![
                string,
                (
                    "enum".to_owned(),
                    Json::texts(words.iter().copied().chain(empty)),
                ),
            ]
        }
        _ if is_empty_allowed => vec![string],
        _ => vec![
            string,
            ("minLength".to_owned(), Json::Number("1".to_owned())),
        ],
    };
    if let (Shape::Integer { .. } | Shape::Float { .. }, Kind::Scalar) =
        ((variable.leaf.shape)(), variable.leaf.kind)
    {
        members.extend(limits(variable));
    }
    members
}

/// The range as limits, which hold for values written as numbers.
fn limits(variable: &Variable) -> Members {
    let declared = variable.leaf.range.map(|range| {
        let (from, to) = range.split_once("..").unwrap_or((range, ""));
        match to.strip_prefix('=') {
            Some(to) => (from, "maximum", to),
            None => (from, "exclusiveMaximum", to),
        }
    });
    let (from, upper, to) = match (declared, (variable.leaf.shape)()) {
        (Some((from, upper, to)), _) => (from.to_owned(), upper, to.to_owned()),
        (None, Shape::Integer { min, max }) => (min.to_string(), "maximum", max.to_string()),
        _ => return Members::new(),
    };
    let limits = [("minimum", from), (upper, to)]
        .into_iter()
        .filter(|(_, limit)| !limit.is_empty());
    limits
        .map(|(key, limit)| (key.to_owned(), Json::Number(limit)))
        .collect()
}

/// That one of the names of a variable is there.
fn any_name(variable: &Variable) -> Json {
    let required = |name: String| Json::member("required", Json::texts([name]));
    let mut names = all_names(variable);
    match names.len() {
        1 => required(names.remove(0)),
        _ => Json::member(
            "anyOf",
            Json::List(names.into_iter().map(required).collect()),
        ),
    }
}

fn all_names(variable: &Variable) -> Vec<String> {
    let others = variable.leaf.other_names().map(|(name, _)| name.to_owned());
    let names = [variable.name().to_owned()].into_iter().chain(others);
    let with_files = names.flat_map(|name| {
        let file = variable.has_file().then(|| format!("{name}_FILE"));
        [Some(name), file]
    });
    with_files.flatten().collect()
}

/// That a variable is there as soon as another of its optional group is.
fn dependents(variable: &Variable, all: &[Variable]) -> Members {
    let is_mate = |mate: &&Variable| {
        mate.group_place.starts_with(&variable.group_place) && mate.name != variable.name
    };
    let mates: Vec<String> = all
        .iter()
        .filter(|mate| mate.group.is_some())
        .filter(is_mate)
        .flat_map(all_names)
        .collect();
    let schemas = mates
        .into_iter()
        .map(|mate| (mate, any_name(variable)))
        .collect();
    vec![(
        String::new(),
        Json::member("dependentSchemas", Json::Object(schemas)),
    )]
}
