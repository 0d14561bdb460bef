//! The one-line edits that tell the rest of the workspace of a resource.

use super::names::Names;
use crate::{Failure, workspace::Workspace};

/// What the skeleton needs beside what every crate has.
const DEPENDENCIES: &[&str] = &[
    "elder-kernel",
    "elder-api-types",
    "elder-http",
    "elder-access",
    "actix-web",
    "chrono",
    "pastey",
    "sea-orm",
    "serde_json",
    "thiserror",
    "tokio",
    "utoipa",
    "uuid",
    "elder-testkit",
];

/// A file and its new text.
pub(super) type Edit = (String, String);

/// Every edit, with the file's name from the root.
pub(super) fn all(workspace: &Workspace, names: &Names) -> Result<Vec<Edit>, Failure> {
    let krate = format!("crates/{}", names.krate);
    let edit = |file: String, change: &dyn Fn(&str) -> Result<String, Failure>| -> Result<Edit, Failure> {
        let text = workspace.read(&file)?;
        let text = change(&text).map_err(|error| format!("{file}: {error}"))?;
        Ok((file, text))
    };
    let routes = format!("{krate}/src/routes.rs");
    let routes = if workspace.has(&routes) { routes } else { format!("{krate}/src/lib.rs") };
    let mut edits = vec![
        edit("crates/kernel/src/ids.rs".to_owned(), &|text| id(text, names))?,
        edit("crates/kernel/src/lib.rs".to_owned(), &|text| {
            after(text, "pub use ids::{", &format!("{}, ", names.type_name()))
        })?,
        edit("crates/api-types/src/ids.rs".to_owned(), &|text| alias(text, names))?,
        edit("crates/api-types/src/lib.rs".to_owned(), &|text| {
            after(&module(text, names), "pub use ids::{", &format!("{}Id, ", names.type_name()))
        })?,
        edit("crates/api-types/src/permission.rs".to_owned(), &|text| permissions(text, names))?,
        edit("crates/access/src/actions.rs".to_owned(), &|text| actions(text, names))?,
        edit(format!("{krate}/Cargo.toml"), &dependencies)?,
    ];
    let module = edit(format!("{krate}/src/lib.rs"), &|text| Ok(module(text, names)))?;
    if routes == module.0 {
        edits.push((routes, route(&module.1, names)?));
    } else {
        edits.extend([module, edit(routes, &|text| route(text, names))?]);
    }
    Ok(edits)
}

fn id(text: &str, names: &Names) -> Result<String, Failure> {
    let prefix = names.prefix(|prefix| text.contains(&format!("= \"{prefix}\",")))?;
    let row =
        names.fill("    /// %A_word%.\n    %Thing% = \"PREFIX\", \"%a_word%\";\n").replace("PREFIX", &prefix);
    at_end_of(text, "\nids! {\n", "\n}\n", &row)
}

/// The name of the id in the API's document.
fn alias(text: &str, names: &Names) -> Result<String, Failure> {
    let text = after(text, "use elder_kernel::{", &format!("{}, ", names.type_name()))?;
    let row = names.fill("/// The id of %a_word%.\npub type %Thing%Id = Id<%Thing%>;\n");
    Ok(text + &row)
}

fn permissions(text: &str, names: &Names) -> Result<String, Failure> {
    let row = |mode: &str, least: &str, what: &str| {
        let marker = format!("{}{mode},", names.type_names());
        let name = format!("\"{}:{}\",", names.things, mode.to_lowercase());
        let words = names.words();
        let (mode, least) = (format!("{mode},"), format!("{least},"));
        format!(
            "            {marker:<22}{mode:<7}{name:<26}Tenant,       {least:<12}None,         Standard, \"{what} {words}.\";\n"
        )
    };
    let rows = row("Read", "Reader", "See") + &row("Write", "Admin", "Create, change and delete");
    at_end_of(text, "\n        $then! {\n", "\n        }\n", &rows)
}

fn actions(text: &str, names: &Names) -> Result<String, Failure> {
    let row = |past: &str, happened: &str| {
        let variant = names.type_name() + past;
        let name = format!("\"{}.{}\",", names.thing, past.to_lowercase());
        let resource = format!("\"{}\",", names.thing);
        let who = names.fill("%A_word%");
        format!("    {variant:<19} = {name:<31}DataChange,     {resource:<17}\"{who} {happened}.\";\n")
    };
    let rows = row("Created", "was created") + &row("Updated", "changed") + &row("Deleted", "was deleted");
    at_end_of(text, "\nactions! {\n", "\n}\n", &rows)
}

/// The dependencies that are missing, each below the head of its list.
fn dependencies(text: &str) -> Result<String, Failure> {
    let has = |name: &str| [".", " "].iter().any(|end| text.contains(&format!("\n{name}{end}")));
    let missing = DEPENDENCIES.iter().filter(|name| !has(name));
    missing.into_iter().try_fold(text.to_owned(), |text, name| {
        let list = if *name == "elder-testkit" { "\n[dev-dependencies]\n" } else { "\n[dependencies]\n" };
        after(&text, list, &format!("{name}.workspace = true\n"))
    })
}

/// Declares the module among the others; `rustfmt` puts it into its place.
fn module(text: &str, names: &Names) -> String {
    let line = format!("pub mod {};\n", names.thing);
    let mut at = 0;
    let starts: Vec<(usize, &str)> = text
        .split_inclusive('\n')
        .map(|line| {
            at += line.len();
            (at - line.len(), line)
        })
        .collect();
    let start =
        |begins: &dyn Fn(&str) -> bool| starts.iter().find(|(_, line)| begins(line)).map(|(at, _)| *at);
    let (at, line) = match start(&|line| line.starts_with("mod ") || line.starts_with("pub mod ")) {
        Some(at) => (at, line),
        None => (start(&|line| line.starts_with("use ")).unwrap_or(text.len()), line + "\n"),
    };
    let (head, tail) = text.split_at(at);
    format!("{head}{line}{tail}")
}

fn route(text: &str, names: &Names) -> Result<String, Failure> {
    let row = names.fill(
        "    elder_http::routes!(table; crate::%thing%::routes => [list, create, batch, get, update, delete]);\n",
    );
    let empty = "fn routes(_table: &mut RouteTable) {}";
    if text.contains(empty) {
        return Ok(text.replace(empty, &format!("fn routes(table: &mut RouteTable) {{\n{row}}}")));
    }
    at_end_of(text, "fn routes(table: &mut RouteTable) {\n", "\n}\n", &row)
}

/// Puts `row` behind the anchor.
fn after(text: &str, anchor: &str, row: &str) -> Result<String, Failure> {
    let (head, tail) = text.split_once(anchor).ok_or_else(|| format!("`{}` is not there", anchor.trim()))?;
    Ok(format!("{head}{anchor}{row}{tail}"))
}

/// Puts `row` at the end of the block that the anchor opens.
fn at_end_of(text: &str, anchor: &str, end: &str, row: &str) -> Result<String, Failure> {
    let (head, block) = text.split_once(anchor).ok_or_else(|| format!("`{}` is not there", anchor.trim()))?;
    let (rows, tail) = block.split_once(end).ok_or_else(|| format!("`{}` has no end", anchor.trim()))?;
    Ok(format!("{head}{anchor}{rows}\n{}{end}{tail}", row.trim_end_matches('\n')))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> Names {
        Names::new("tenancy", "widget").unwrap()
    }

    #[test]
    fn a_route_goes_behind_the_others_or_is_the_first() {
        let first = route("pub fn routes(_table: &mut RouteTable) {}\n", &names()).unwrap();
        assert!(
            first
                .contains("(table: &mut RouteTable) {\n    elder_http::routes!(table; crate::widget::routes")
        );
        let other = Names::new("tenancy", "gadget").unwrap();
        let both = route(&first, &other).unwrap();
        assert!(both.find("widget").unwrap() < both.find("gadget").unwrap(), "{both}");
        assert!(route("fn main() {}\n", &names()).is_err());
    }

    #[test]
    fn a_module_is_declared_among_the_others_or_before_the_uses() {
        assert_eq!(
            module("//! A.\n\nmod a;\nuse b;\n", &names()),
            "//! A.\n\npub mod widget;\nmod a;\nuse b;\n"
        );
        assert_eq!(module("//! A.\n\nuse b;\n", &names()), "//! A.\n\npub mod widget;\n\nuse b;\n");
    }

    #[test]
    fn a_row_goes_to_the_end_of_its_table() {
        let text = "macro_rules! ids {\n}\n\nids! {\n    User = \"usr\", \"a user\";\n}\n\nfn a() {\n}\n";
        let edited = id(text, &names()).unwrap();
        let row = "\"a user\";\n    /// A widget.\n    Widget = \"wid\", \"a widget\";\n}\n\nfn a()";
        assert!(edited.contains(row), "{edited}");
    }

    #[test]
    fn only_dependencies_that_are_missing_are_added() {
        let all = DEPENDENCIES.join(".workspace = true\n");
        let manifest = format!("[package]\n[dependencies]\n{all}.workspace = true\n\n[dev-dependencies]\n");
        assert_eq!(dependencies(&manifest).unwrap(), manifest);
        let without = manifest.replace("tokio.workspace = true\n", "");
        assert!(dependencies(&without).unwrap().contains("[dependencies]\ntokio.workspace = true\n"));
    }
}
