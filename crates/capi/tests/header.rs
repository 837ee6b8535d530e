//! The header that is checked in is what cbindgen makes of the sources.

use std::path::Path;

#[test]
fn header_is_current() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let config = cbindgen::Config::from_file(here.join("cbindgen.toml")).expect("the configuration reads");
    let made = ["error", "function", "raw"]
        .iter()
        .fold(cbindgen::Builder::new().with_config(config), |builder, name| {
            builder.with_src(here.join(format!("src/{name}.rs")))
        })
        .generate()
        .expect("the sources read");
    let mut text = Vec::new();
    made.write(&mut text);
    let text = String::from_utf8(text).expect("text");
    let header = here.join("include/chainrule.h");
    if std::env::var_os("UPDATE_HEADER").is_some() {
        std::fs::write(&header, &text).expect("written");
    }
    let checked_in = std::fs::read_to_string(&header).unwrap_or_default();
    assert!(
        text == checked_in,
        "{} is not what the sources say: UPDATE_HEADER=1 cargo test -p chainrule-capi writes it anew",
        header.display()
    );
}
