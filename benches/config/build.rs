//! Writes the structs of 10, 50 and 200 fields, one per kind of contestant, since their derives
//! want every field and every variable name spelt out.

use std::fmt::{Result, Write as _};
use std::path::Path;

const SIZES: [usize; 3] = [10, 50, 200];
const TYPES: [&str; 5] = ["String", "u16", "u64", "bool", "f64"];

struct Shape {
    /// The associated type of `Shapes` that names it.
    role: &'static str,
    on_struct: &'static str,
    /// `NAME` stands for the variable's name.
    on_field: &'static str,
}

const SHAPES: [Shape; 7] = [
    Shape {
        role: "Kit",
        on_struct: "#[derive(Debug, tf_config::Config)]\n#[config(prefix = \"APP\")]",
        on_field: "",
    },
    Shape {
        role: "Serde",
        on_struct: "#[derive(Debug, serde::Deserialize)]",
        on_field: "",
    },
    Shape {
        role: "Confique",
        on_struct: "#[derive(Debug, confique::Config)]",
        on_field: r#"#[config(env = "NAME")]"#,
    },
    // Its derive names the trait without a path.
    Shape {
        role: "Envconfig",
        on_struct: "use envconfig::Envconfig;\n#[derive(Debug, Envconfig)]",
        on_field: r#"#[envconfig(from = "NAME")]"#,
    },
    // Left alone, clap and conf take a `bool` for a flag without a value.
    Shape {
        role: "Clap",
        on_struct: "#[derive(Debug, clap::Parser)]",
        on_field: r#"#[arg(long, env = "NAME", action = clap::ArgAction::Set)]"#,
    },
    Shape {
        role: "Conf",
        on_struct: "#[derive(Debug, conf::Conf)]",
        on_field: r#"#[conf(parameter, env = "NAME")]"#,
    },
    Shape {
        role: "ByHand",
        on_struct: "#[derive(Debug)]",
        on_field: "",
    },
];

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let mut code = String::new();
    for size in SIZES {
        write_size(&mut code, size).expect("writing to a String cannot fail");
    }
    let folder = std::env::var_os("OUT_DIR").expect("cargo sets OUT_DIR");
    std::fs::write(Path::new(&folder).join("settings.rs"), code).expect("OUT_DIR is writable");
}

fn write_size(code: &mut String, size: usize) -> Result {
    for shape in &SHAPES {
        write_struct(code, size, shape)?;
    }
    write_by_hand(code, size)?;
    writeln!(code, "pub struct N{size};\nimpl Shapes for N{size} {{")?;
    for Shape { role, .. } in &SHAPES {
        writeln!(code, "type {role} = {role}{size}::Settings;")?;
    }
    writeln!(code, "}}")
}

fn write_struct(code: &mut String, size: usize, shape: &Shape) -> Result {
    // Every struct is called `Settings`, so that their Debug output can be compared.
    writeln!(
        code,
        "#[allow(dead_code, non_snake_case)]\nmod {}{size} {{",
        shape.role
    )?;
    writeln!(code, "{}\npub struct Settings {{", shape.on_struct)?;
    for at in 0..size {
        let above = shape.on_field.replace("NAME", &variable(at));
        writeln!(code, "{above}\npub field_{at:03}: {},", kind(at))?;
    }
    writeln!(code, "}}\n}}")
}

fn write_by_hand(code: &mut String, size: usize) -> Result {
    writeln!(code, "impl ByHand for ByHand{size}::Settings {{")?;
    writeln!(code, "const NAMES: &'static [&'static str] = &[")?;
    for at in 0..size {
        writeln!(code, "{:?},", variable(at))?;
    }
    writeln!(code, "];\nfn from_process() -> Self {{ Self {{")?;
    for at in 0..size {
        let text = format!("by_hand::variable({:?})", variable(at));
        match kind(at) {
            "String" => writeln!(code, "field_{at:03}: {text},")?,
            _ => writeln!(code, "field_{at:03}: by_hand::parse(&{text}),")?,
        }
    }
    writeln!(
        code,
        "}} }}\nfn from_texts(texts: &[&str]) -> Self {{ Self {{"
    )?;
    for at in 0..size {
        writeln!(code, "field_{at:03}: by_hand::parse(texts[{at}]),")?;
    }
    writeln!(code, "}} }}\n}}")
}

fn variable(at: usize) -> String {
    format!("APP_FIELD_{at:03}")
}

fn kind(at: usize) -> &'static str {
    TYPES[at % TYPES.len()]
}
