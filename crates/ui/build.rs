//! Embeds the built web UI: every file of `web/dist`, as it is and compressed.
//!
//! Without `web/dist`, or with `OXFLOW_WITHOUT_UI=1`, the crate has no pages: `cargo build` needs no Node.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use sha2::{Digest, Sha256};

/// What the server puts its own address into. Without it links of a page below `/runs/…` would lead nowhere.
const BASE: &str = "<base href=\"/\"";

/// The folder of everything but `index.html`; its name begins the paths of the files.
const FILES: &str = "static-files";

fn main() -> Result<()> {
    println!("cargo::rerun-if-env-changed=OXFLOW_WITHOUT_UI");
    println!("cargo::rerun-if-changed=build.rs");
    let web = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").context("Cargo sets CARGO_MANIFEST_DIR")?)
        .join("../../web");
    let dist = web.join("dist");
    // Cargo takes a missing folder for a changed one, and would build everything again each time: while there are no
    // pages it looks at all of `web`, in which they appear.
    if let Some(watched) = [&dist, &web].into_iter().find(|folder| folder.exists()) {
        println!("cargo::rerun-if-changed={}", watched.display());
    }
    let out = PathBuf::from(std::env::var_os("OUT_DIR").context("Cargo sets OUT_DIR")?);
    let is_unwanted = std::env::var_os("OXFLOW_WITHOUT_UI").is_some_and(|value| value == "1");
    let code = if is_unwanted || !dist.join("index.html").exists() {
        "const EMBEDDED: Option<Pages> = None;\n".to_owned()
    } else {
        embed(&dist, &out)?
    };
    fs::write(out.join("embedded.rs"), code).context("could not write the table of files")
}

/// The code of a table with every file.
fn embed(dist: &Path, out: &Path) -> Result<String> {
    let index = fs::read_to_string(dist.join("index.html")).context("could not read index.html")?;
    ensure!(
        index.matches(BASE).count() == 1,
        "web/dist/index.html must hold `{BASE}>` once"
    );
    let mut names = Vec::new();
    collect(&dist.join(FILES), "", &mut names)?;
    names.sort();
    let mut rows = String::new();
    for name in &names {
        rows += &row(&dist.join(FILES), name, out)?;
    }
    Ok(format!(
        "const EMBEDDED: Option<Pages> = Some(Pages::new({index:?}, {:?}, &[\n{rows}]));\n",
        hash_of(index.as_bytes())
    ))
}

fn collect(folder: &Path, below: &str, names: &mut Vec<String>) -> Result<()> {
    let entries = fs::read_dir(folder).with_context(|| format!("could not list {}", folder.display()))?;
    for entry in entries {
        let entry = entry?;
        let name = format!("{below}{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            collect(&entry.path(), &format!("{name}/"), names)?;
        } else {
            names.push(name);
        }
    }
    Ok(())
}

/// One file as a row of the table.
fn row(folder: &Path, name: &str, out: &Path) -> Result<String> {
    let path = folder.join(name);
    let content = fs::read(&path).with_context(|| format!("could not read {}", path.display()))?;
    let hash = hash_of(&content);
    // A copy, so that a build of the pages that runs now cannot take the file away under the compiler.
    let plain = stored(out, &format!("{hash}.plain"), || Ok(content.clone()))?;
    let brotli = stored(out, &format!("{hash}.br"), || with_brotli(&content))?;
    let gzip = stored(out, &format!("{hash}.gz"), || with_gzip(&content))?;
    let if_smaller = |file: &Path| -> Result<String> {
        let is_smaller = fs::metadata(file)?.len() < content.len() as u64;
        Ok(if is_smaller {
            format!("Some(include_bytes!({file:?}))")
        } else {
            "None".to_owned()
        })
    };
    Ok(format!(
        "    File {{ name: {name:?}, content_type: {:?}, hash: {hash:?}, plain: include_bytes!({plain:?}), \
         brotli: {}, gzip: {} }},\n",
        content_type(name),
        if_smaller(&brotli)?,
        if_smaller(&gzip)?,
    ))
}

/// 128 bits of SHA-256.
fn hash_of(content: &[u8]) -> String {
    let digest = Sha256::digest(content);
    digest[..16].iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A file of the output folder, made unless an earlier build did: its name tells its content.
fn stored(out: &Path, name: &str, make: impl FnOnce() -> Result<Vec<u8>>) -> Result<PathBuf> {
    let path = out.join(name);
    if !path.exists() {
        let unfinished = out.join(format!("{name}.unfinished"));
        fs::write(&unfinished, make()?)?;
        fs::rename(&unfinished, &path)?;
    }
    Ok(path)
}

fn with_brotli(content: &[u8]) -> Result<Vec<u8>> {
    let mut compressed = Vec::new();
    let parameters = brotli::enc::BrotliEncoderParams {
        quality: 11,
        lgwin: 22,
        size_hint: content.len(),
        ..Default::default()
    };
    brotli::BrotliCompress(&mut &*content, &mut compressed, &parameters)?;
    Ok(compressed)
}

fn with_gzip(content: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(content)?;
    Ok(encoder.finish()?)
}

/// The type by the ending of the name; browsers run no script and take no style of another type.
fn content_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map_or("", |(_, ending)| ending) {
        "css" => "text/css; charset=utf-8",
        "html" => "text/html; charset=utf-8",
        "ico" => "image/x-icon",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "json" | "map" => "application/json",
        "png" => "image/png",
        "svg" => "image/svg+xml",
        "txt" => "text/plain; charset=utf-8",
        "webmanifest" => "application/manifest+json",
        "webp" => "image/webp",
        "woff2" => "font/woff2",
        _ => "application/octet-stream",
    }
}
