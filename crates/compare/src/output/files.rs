//! Files are written beside their targets and renamed, so that nothing half-written is ever seen. Symbolic links are
//! followed: what they lead to is replaced, and not they. What is no regular file is never replaced.

use std::io;
use std::path::{Path, PathBuf};

use commands::Failure;

/// Writes a file, or leaves it as it was.
pub(crate) fn replace(path: &Path, text: &str) -> io::Result<()> {
    let target = target(path)?;
    let unfinished = beside(&target, text)?;
    rename(&unfinished, &target)
}

/// Writes all files, or none where one cannot be written.
pub(crate) fn write(files: &[(&Path, String)]) -> Result<(), Failure> {
    let fail =
        |path: &Path, error: io::Error| Failure::text(format!("cannot write {}: {error}", path.display()));
    // Each target, and what is written beside it.
    let mut written: Vec<(PathBuf, PathBuf)> = Vec::new();
    let discard = |written: &[(PathBuf, PathBuf)]| {
        written.iter().for_each(|(_, unfinished)| drop(std::fs::remove_file(unfinished)));
    };
    for (path, text) in files {
        let one = target(path).and_then(|target| match written.iter().any(|(known, _)| *known == target) {
            true => Err(io::Error::new(io::ErrorKind::InvalidInput, "two files would be written there")),
            false => beside(&target, text).map(|unfinished| (target, unfinished)),
        });
        match one {
            Ok(one) => written.push(one),
            Err(error) => {
                // What is beside is of no use to anyone.
                discard(&written);
                return Err(fail(path, error));
            }
        }
    }
    for (k, ((path, _), (target, unfinished))) in files.iter().zip(&written).enumerate() {
        if let Err(error) = rename(unfinished, target) {
            discard(&written[k + 1..]);
            return Err(fail(path, error));
        }
    }
    Ok(())
}

/// Whether files can be written into a folder; leaves none.
pub(crate) fn writable(folder: &Path) -> io::Result<()> {
    std::fs::remove_file(beside(&folder.join("writable"), "")?)
}

/// Links that are followed, one after the other.
const MOST_LINKS: usize = 40;

/// The file that a path leads to, which need not be there; where it is, it must be a regular file that may be written.
fn target(path: &Path) -> io::Result<PathBuf> {
    let invalid = |why: &str| io::Error::new(io::ErrorKind::InvalidInput, why);
    let mut target = path.to_owned();
    for _ in 0..MOST_LINKS {
        match std::fs::symlink_metadata(&target) {
            Ok(found) if found.is_symlink() => {
                // Relative to where the link is.
                let leads = std::fs::read_link(&target)?;
                target = target.parent().map_or_else(|| leads.clone(), |folder| folder.join(&leads));
            }
            Ok(found) if found.is_dir() => {
                return Err(io::Error::new(io::ErrorKind::IsADirectory, "it is a folder"));
            }
            Ok(found) if !found.is_file() => return Err(invalid("it is no regular file")),
            Ok(found) if found.permissions().readonly() => {
                return Err(io::Error::new(io::ErrorKind::PermissionDenied, "it is read-only"));
            }
            Ok(_) => return std::fs::canonicalize(&target),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let name = target.file_name().ok_or_else(|| invalid("it names no file"))?;
                let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty());
                let folder = std::fs::canonicalize(folder.unwrap_or(Path::new(".")))?;
                return Ok(folder.join(name));
            }
            Err(error) => return Err(error),
        }
    }
    Err(invalid("its symbolic links lead in a circle"))
}

/// Writes a whole file beside its target, which may be read by whom the target could.
fn beside(target: &Path, text: &str) -> io::Result<PathBuf> {
    let mut own = target.file_name().unwrap_or_default().to_owned();
    own.push(format!(".{}.unfinished", std::process::id()));
    let unfinished = target.with_file_name(own);
    let write = || {
        std::fs::write(&unfinished, text)?;
        match std::fs::metadata(target) {
            Ok(before) => std::fs::set_permissions(&unfinished, before.permissions()),
            Err(_) => Ok(()),
        }
    };
    write().inspect_err(|_: &io::Error| drop(std::fs::remove_file(&unfinished)))?;
    Ok(unfinished)
}

fn rename(unfinished: &Path, path: &Path) -> io::Result<()> {
    std::fs::rename(unfinished, path).inspect_err(|_| drop(std::fs::remove_file(unfinished)))
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("compare-output-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        folder
    }

    /// What is in a folder, by name.
    fn names(folder: &Path) -> Vec<String> {
        let name = |entry: io::Result<std::fs::DirEntry>| entry.unwrap().file_name().into_string().unwrap();
        let mut names: Vec<String> = std::fs::read_dir(folder).unwrap().map(name).collect();
        names.sort();
        names
    }

    #[test]
    fn links_are_followed_and_stay() {
        let folder = folder("links");
        let at = |name: &str| folder.join(name);
        std::fs::create_dir_all(at("far")).unwrap();
        std::fs::write(at("far/real"), "before").unwrap();
        std::fs::set_permissions(at("far/real"), std::fs::Permissions::from_mode(0o640)).unwrap();
        symlink("far/real", at("near")).unwrap();
        symlink("near", at("nearer")).unwrap();
        symlink("far/new", at("dangling")).unwrap();
        symlink("circle", at("circle")).unwrap();
        replace(&at("nearer"), "after").unwrap();
        write(&[(&at("dangling"), "new".to_owned())]).unwrap();
        assert_eq!(std::fs::read_to_string(at("far/real")).unwrap(), "after");
        assert_eq!(std::fs::metadata(at("far/real")).unwrap().permissions().mode() & 0o777, 0o640);
        assert_eq!(std::fs::read_to_string(at("far/new")).unwrap(), "new");
        for link in ["near", "nearer", "dangling"] {
            assert!(std::fs::symlink_metadata(at(link)).unwrap().is_symlink(), "{link}");
        }
        assert!(replace(&at("circle"), "").unwrap_err().to_string().contains("in a circle"));
        // Two names of one file.
        let twice = write(&[(&at("near"), "a".to_owned()), (&at("far/real"), "b".to_owned())]);
        assert!(twice.unwrap_err().message(crate::words::of).contains("two files would be written there"));
        assert_eq!(std::fs::read_to_string(at("far/real")).unwrap(), "after");
        assert_eq!(names(&at("far")), ["new", "real"], "nothing is left beside");
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn only_regular_files_are_replaced_and_nothing_is_left_of_a_failure() {
        let folder = folder("special");
        let at = |name: &str| folder.join(name);
        std::fs::create_dir_all(at("inside")).unwrap();
        symlink("/dev/null", at("null")).unwrap();
        let _socket = std::os::unix::net::UnixListener::bind(at("socket")).unwrap();
        std::fs::write(at("kept"), "before").unwrap();
        std::fs::write(at("sealed"), "before").unwrap();
        std::fs::set_permissions(at("sealed"), std::fs::Permissions::from_mode(0o444)).unwrap();
        for (path, why) in [
            (Path::new("/dev/null"), "no regular file"),
            (&at("null"), "no regular file"),
            (&at("socket"), "no regular file"),
            (&at("inside"), "a folder"),
            (&at("sealed"), "read-only"),
            (&at("missing/file"), "No such file"),
            (Path::new("/"), "a folder"),
        ] {
            let both = write(&[(&at("kept"), "after".to_owned()), (path, "after".to_owned())]);
            let said = both.unwrap_err().to_string();
            assert!(said.contains(why), "{}: {said}", path.display());
            assert!(replace(path, "after").is_err());
        }
        assert_eq!(std::fs::read_to_string(at("kept")).unwrap(), "before");
        assert_eq!(names(&folder), ["inside", "kept", "null", "sealed", "socket"]);
        std::fs::remove_dir_all(folder).unwrap();
    }
}
