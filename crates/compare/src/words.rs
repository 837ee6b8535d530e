//! What the program calls what can be set: its options.

use syntax::Setting;

/// The option, as advice.
pub(crate) fn of(setting: &Setting) -> Option<String> {
    let given = |sizes: &[String]| sizes.iter().map(|size| format!("{size}=…")).collect::<Vec<_>>().join(",");
    Some(match setting {
        Setting::Nodes => "allow more with --max-nodes".to_owned(),
        Setting::Sizes(sizes) if sizes.len() == 1 => format!("give it with --size {}", given(sizes)),
        Setting::Sizes(sizes) => format!("give the sizes with --size {}", given(sizes)),
        Setting::Length { input, size } => {
            format!("give {input} with --at, or its length with --size {size}=…")
        }
        Setting::NotFinite => "in --at write x=inf or x=nan".to_owned(),
        Setting::By => "--wrt".to_owned(),
        Setting::SizeValues => "--size".to_owned(),
        Setting::At => "--at".to_owned(),
        Setting::Want => "choose another kind with --want".to_owned(),
        Setting::Along => "--along".to_owned(),
        Setting::Weights => "--weights".to_owned(),
        Setting::Input => "give it with --at".to_owned(),
        Setting::DataNames => "--data-names".to_owned(),
        Setting::Data(Some(input)) => format!("give it with --at {input}=…"),
        Setting::Data(None) => {
            "compare, grad, trace, plot, steps and descend take data, with --at".to_owned()
        }
        Setting::Domain => "--domain".to_owned(),
        Setting::Where => "say where with --domain or --at".to_owned(),
        Setting::ExactDecimals => "--exact-decimals reads them as printed".to_owned(),
        Setting::Unsimplified => "try --simplify none".to_owned(),
        Setting::Accurate => {
            "try --variant backprop=accurate, which computes with twice the digits".to_owned()
        }
    })
}
