//! The rules of the house: who may depend on whom, and what is deliberately absent.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package};

use crate::gateway::root;

fn metadata() -> Metadata {
    MetadataCommand::new().manifest_path(root().join("Cargo.toml")).no_deps().exec().unwrap()
}

fn normal_dependencies(package: &Package) -> BTreeSet<&str> {
    let normal = package.dependencies.iter().filter(|dependency| dependency.kind == DependencyKind::Normal);
    normal.map(|dependency| dependency.name.as_str()).collect()
}

fn adapters() -> Vec<String> {
    let directory = fs::read_dir(root().join("adapters")).unwrap();
    directory.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn nobody_depends_on_whom_it_may_not() {
    let metadata = metadata();
    let workspace: BTreeSet<&str> = metadata.packages.iter().map(|package| package.name.as_str()).collect();
    for package in &metadata.packages {
        let allowed: &[&str] = match package.name.as_str() {
            "livegate-core" | "xtask" => &[],
            "livegate-live" | "livegate-http" | "livegate-layers" | "livegate-tenants" => &["livegate-core"],
            "livegate-testkit" => &["livegate-core", "livegate-layers", "livegate-live"],
            "livegate" => &["livegate-core", "livegate-live", "livegate-http", "livegate-layers", "livegate-tenants"],
            "livegate-tests" | "livegate-benches" | "livegate-instructions" => &[],
            name if name.starts_with("livegate-adapter-") => &["livegate-core", "livegate-http"],
            name => panic!("{name} has no place in docs/architecture.md"),
        };
        for dependency in normal_dependencies(package).intersection(&workspace) {
            let adapter_of_the_gateway = package.name == "livegate" && dependency.starts_with("livegate-adapter-");
            assert!(allowed.contains(dependency) || adapter_of_the_gateway, "{} depends on {dependency}", package.name);
        }
    }
}

#[test]
fn only_one_crate_each_knows_the_web_the_network_the_database_and_redis() {
    for package in &metadata().packages {
        let name = package.name.as_str();
        let dependencies = normal_dependencies(package);
        let knows = |dependency: &str, who: &[&str]| {
            assert!(!dependencies.contains(dependency) || who.contains(&name), "{name} knows {dependency}");
        };
        if !name.starts_with("livegate-adapter-") {
            knows("actix-web", &["livegate"]);
        }
        knows("reqwest", &["livegate-http"]);
        knows("sqlx", &["livegate-tenants"]);
        knows("redis", &["livegate-layers"]);
        // Simulators are built only for demo and tests; the benches compare with bare actix-web, which no cargo feature can
        // make a dev-dependency leave out.
        let actix = package.dependencies.iter().find(|dependency| dependency.name == "actix-web");
        let may_need_it = ["livegate", "livegate-benches"].contains(&name);
        assert!(may_need_it || actix.is_none_or(|dependency| dependency.optional), "{name}");
    }
}

#[test]
fn every_directory_under_adapters_is_registered() {
    let registry = fs::read_to_string(root().join("crates/gateway/src/adapters.rs")).unwrap();
    for adapter in adapters() {
        let path = format!("livegate_adapter_{}::KIND", adapter.replace('-', "_"));
        assert!(registry.contains(&path), "adapters/{adapter} is not registered in crates/gateway/src/adapters.rs");
    }
}

/// Adapters whose names are everyday words of this trade: a source that contains them names nobody.
const EVERYDAY_WORDS: [&str; 2] = ["accounting", "live"];

#[test]
fn no_erps_name_appears_outside_its_own_place() {
    let mut names = adapters();
    names.retain(|name| !EVERYDAY_WORDS.contains(&name.as_str()));
    assert!(!names.is_empty(), "there are names to look for");
    let mut files = Vec::new();
    collect(&root().join("crates"), &mut files);
    assert!(files.len() > 30, "the sources were found");
    for file in files {
        let inside = file.strip_prefix(root()).unwrap();
        let exempt = inside.ends_with("crates/gateway/src/adapters.rs")
            || inside.components().any(|part| part.as_os_str() == "tests")
            || inside.extension().is_none_or(|extension| extension != "rs");
        if exempt {
            continue;
        }
        let text = fs::read_to_string(&file).unwrap().to_lowercase();
        for name in &names {
            assert!(!text.contains(name.as_str()), "{} names {name}", inside.display());
        }
    }
}

fn collect(directory: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { collect(&path, files) } else { files.push(path) }
    }
}

#[test]
fn no_crate_is_used_that_we_do_without() {
    let lock = fs::read_to_string(root().join("Cargo.lock")).unwrap();
    // RUSTSEC-2026-0194 and RUSTSEC-2026-0195 are mended in 0.41.
    for version in lock.split("[[package]]").filter(|package| package.contains("name = \"quick-xml\"")) {
        let version = version.lines().find_map(|line| line.strip_prefix("version = ")).unwrap();
        let minor: u32 = version.trim_matches('"').split('.').nth(1).unwrap().parse().unwrap();
        assert!(minor >= 41, "quick-xml {version}");
    }
    for banned in ["openssl-sys", "native-tls", "aws-lc-sys"] {
        let named = format!("name = \"{banned}\"\n");
        assert!(!lock.contains(&named), "{banned} is in Cargo.lock");
    }
    for package in &metadata().packages {
        for dependency in &package.dependencies {
            let banned = ["chrono", "lazy_static", "once_cell", "failure", "figment"];
            assert!(!banned.contains(&dependency.name.as_str()), "{} uses {}", package.name, dependency.name);
        }
    }
}
