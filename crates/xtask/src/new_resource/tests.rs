//! The generator against the present tree, in a copy of it.

use std::{fs, process::Command};

use super::*;

fn here() -> Workspace {
    Workspace { root: Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap() }
}

/// Copies what the workspace is built of.
fn copy(folder: &Path) -> Workspace {
    const PARTS: [&str; 9] = [
        "Cargo.toml",
        "Cargo.lock",
        "rustfmt.toml",
        "clippy.toml",
        "crates",
        "migrations",
        "config",
        "infrastructure",
        "docs",
    ];
    for name in PARTS {
        copy_all(&here().root.join(name), &folder.join(name));
    }
    Workspace { root: folder.to_owned() }
}

fn copy_all(from: &Path, to: &Path) {
    if from.is_dir() {
        fs::create_dir_all(to).unwrap();
        for entry in fs::read_dir(from).unwrap() {
            let entry = entry.unwrap();
            copy_all(&entry.path(), &to.join(entry.file_name()));
        }
    } else {
        fs::copy(from, to).unwrap();
    }
}

#[test]
fn a_resource_has_its_rooms_and_is_known_everywhere() {
    let folder = tempfile::tempdir().unwrap();
    let workspace = copy(folder.path());
    // Formatting has parsed every file.
    run(&workspace, "tenancy", "widget").unwrap();
    for (file, part) in [
        ("crates/tenancy/src/widget/mod.rs", "impl Collection for Widgets {"),
        ("crates/tenancy/src/widget/batch.rs", "impl BatchOf for WidgetBatch {"),
        ("crates/api-types/src/widget.rs", "pub struct NewWidget {"),
        ("crates/api-types/src/ids.rs", "pub type WidgetId = Id<Widget>;\n"),
        ("crates/api-types/src/lib.rs", "pub mod widget;\n"),
        ("crates/tenancy/src/widget/error.rs", "Some(\"widgets_name_key\") => Self::NameTaken"),
        ("crates/tenancy/src/widget/routes.rs", "access: Access<WidgetsWrite>"),
        ("crates/tenancy/src/widget/service.rs", "\nmod repository;\n"),
        ("crates/tenancy/src/widget/service/repository.rs", "from widgets"),
        ("crates/tenancy/tests/it/main.rs", "mod widget;\n"),
        ("crates/tenancy/tests/it/widget.rs", "\"/api/v2/widgets\""),
        ("crates/tenancy/src/lib.rs", "pub mod widget;\n"),
        ("crates/kernel/src/ids.rs", "    Widget = \"wid\", \"a widget\";\n"),
        ("crates/kernel/src/lib.rs", "Widget,"),
        ("crates/api-types/src/permission.rs", "\"widgets:write\","),
        ("crates/access/src/actions.rs", "WidgetDeleted       = \"widget.deleted\","),
    ] {
        let text = workspace.read(file).unwrap();
        assert!(text.contains(part), "{file} lacks {part}:\n{text}");
        assert!(!text.contains("%thing") && !text.contains("%Thing"), "{file}");
    }
    let last = workspace.migrations().unwrap().pop().unwrap();
    let migration = workspace.read(&format!("migrations/{last}")).unwrap();
    assert!(last.ends_with("__widgets.sql") && last != here().migrations().unwrap().pop().unwrap(), "{last}");
    assert!(migration.contains("select enable_tenant_rls('widgets');\ngrant "), "{migration}");
    let Verdict::Done(words) = crate::arch::run(&workspace).unwrap_or_else(|error| panic!("{error}")) else {
        return assert_no_new_violation(&workspace);
    };
    assert!(words.contains("keep the rules"), "{words}");
}

/// If the tree breaks rules already, the skeleton breaks none.
fn assert_no_new_violation(workspace: &Workspace) {
    let Verdict::Wrong(words) = crate::arch::run(workspace).unwrap() else { return };
    assert!(!words.contains("/widget"), "{words}");
}

#[test]
fn nothing_is_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let workspace = copy(folder.path());
    run(&workspace, "tenancy", "widget").unwrap();
    let before = workspace.read("crates/kernel/src/ids.rs").unwrap();
    assert!(run(&workspace, "tenancy", "widget").is_err());
    assert!(run(&workspace, "nowhere", "widget").is_err());
    assert_eq!(workspace.read("crates/kernel/src/ids.rs").unwrap(), before);
}

/// Compiles the whole workspace anew, which takes minutes: only where `ELDER_TEST_GENERATOR` names a target folder for
/// it. Not the workspace's own: cargo would take what was built of the copy for its own.
#[test]
fn a_new_resource_compiles_at_once_and_its_tests_pass() {
    let Some(target) = std::env::var_os("ELDER_TEST_GENERATOR") else { return };
    let folder = tempfile::tempdir().unwrap();
    let workspace = copy(folder.path());
    run(&workspace, "tenancy", "widget").unwrap();
    for arguments in [
        &["clippy", "--workspace", "--all-targets", "--offline", "--", "-D", "warnings"] as &[_],
        &["test", "--workspace", "--test", "it", "--offline", "widget"],
    ] {
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(arguments).env("CARGO_TARGET_DIR", &target).current_dir(&workspace.root);
        assert!(cargo.status().unwrap().success(), "{arguments:?}");
    }
}
