//! Files are written beside their targets and renamed, so that nothing half-written is ever seen.

use std::io;
use std::path::{Path, PathBuf};

use crate::input::Problem;

/// Writes a file, or leaves it as it was.
pub(crate) fn replace(path: &Path, text: &str) -> io::Result<()> {
    let unfinished = beside(path, text)?;
    rename(&unfinished, path)
}

/// Writes all files, or none where one cannot be written.
pub(crate) fn write(files: &[(&Path, String)]) -> Result<(), Problem> {
    let fail =
        |path: &Path, error: io::Error| Problem::text(format!("cannot write {}: {error}", path.display()));
    let mut written: Vec<PathBuf> = Vec::new();
    for (path, text) in files {
        match beside(path, text) {
            Ok(unfinished) => written.push(unfinished),
            Err(error) => {
                // What is beside is of no use to anyone.
                written.iter().for_each(|unfinished| drop(std::fs::remove_file(unfinished)));
                return Err(fail(path, error));
            }
        }
    }
    files
        .iter()
        .zip(&written)
        .try_for_each(|((path, _), unfinished)| rename(unfinished, path).map_err(|error| fail(path, error)))
}

/// Whether files can be written into a folder; leaves none.
pub(crate) fn writable(folder: &Path) -> io::Result<()> {
    std::fs::remove_file(beside(&folder.join("writable"), "")?)
}

/// Writes a whole file beside its target.
fn beside(path: &Path, text: &str) -> io::Result<PathBuf> {
    if path.is_dir() {
        return Err(io::Error::new(io::ErrorKind::IsADirectory, "it is a folder"));
    }
    let name =
        path.file_name().ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "it names no file"))?;
    let mut own = name.to_owned();
    own.push(format!(".{}.unfinished", std::process::id()));
    let unfinished = path.with_file_name(own);
    std::fs::write(&unfinished, text).inspect_err(|_| drop(std::fs::remove_file(&unfinished)))?;
    Ok(unfinished)
}

fn rename(unfinished: &Path, path: &Path) -> io::Result<()> {
    std::fs::rename(unfinished, path).inspect_err(|_| drop(std::fs::remove_file(unfinished)))
}
