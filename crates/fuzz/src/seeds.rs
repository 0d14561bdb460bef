//! Tries the seeds of the fuzz targets and what fuzzers have found, so that every run of the tests goes through their entry points.

use std::{collections::BTreeSet, fs, path::Path};

use crate::ENTRIES;

fn folder(path: &str) -> impl Iterator<Item = std::path::PathBuf> + use<> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz").join(path);
    fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|file| file.unwrap().path())
}

fn names(path: &str) -> BTreeSet<String> {
    folder(path).map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect()
}

/// What a target begins with: its seeds, and what fuzzers have found for it.
pub(crate) fn texts(name: &str) -> Vec<Vec<u8>> {
    let files = folder(&format!("seeds/{name}")).chain(folder(&format!("kept/{name}")));
    files.map(|file| fs::read(file).unwrap()).collect()
}

#[test]
fn no_seed_brings_its_entry_point_down() {
    for (name, entry) in ENTRIES {
        let seeds: Vec<_> = folder(&format!("seeds/{name}")).collect();
        assert!(seeds.len() > 1, "{name}");
        for seed in seeds {
            let bytes = fs::read(&seed).unwrap();
            // Cut anywhere, a seed is another hostile text.
            (0..=bytes.len()).for_each(|end| entry(&bytes[..end]));
        }
    }
}

#[test]
fn no_text_that_a_fuzzer_has_found_brings_its_entry_point_down() {
    for (name, entry) in ENTRIES {
        let kept: Vec<_> = folder(&format!("kept/{name}")).collect();
        assert!(!kept.is_empty(), "{name}");
        for text in kept {
            entry(&fs::read(&text).unwrap());
        }
    }
}

#[test]
fn each_entry_point_has_its_target_and_its_seeds() {
    let entries: BTreeSet<_> = ENTRIES.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(names("fuzz_targets"), entries);
    assert_eq!(names("seeds"), entries);
    assert_eq!(names("kept"), entries);
    let workflow = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.github/workflows/fuzz.yml");
    let workflow = fs::read_to_string(workflow).unwrap();
    let (_, run) = workflow.split_once("target:").and_then(|(_, rest)| rest.split_once('[')).unwrap();
    let run: BTreeSet<_> =
        run.split(']').next().unwrap().split(',').map(|name| name.trim().to_owned()).collect();
    assert_eq!(run, entries, "those that CI runs");
}
