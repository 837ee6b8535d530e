//! What Python calls what can be set.

use syntax::Setting;

/// The method or argument, as advice about a function that was read.
pub(crate) fn of_functions(setting: &Setting) -> Option<String> {
    match setting {
        Setting::Nodes => Some("allow more with f.with_budget(nodes=…)".to_owned()),
        setting => of_texts(setting),
    }
}

/// Likewise, about a text, of which there is no function yet.
pub(crate) fn of_texts(setting: &Setting) -> Option<String> {
    match setting {
        // Texts are read within the budget that every function begins with; comparisons have no other variants.
        Setting::Nodes | Setting::By | Setting::ExactDecimals | Setting::Accurate => None,
        // Sizes, points and data are arguments here, and never read from texts.
        Setting::SizeValues | Setting::At | Setting::Input | Setting::DataNames => None,
        Setting::Data(_) | Setting::Domain | Setting::Where => None,
        // Comparisons are those of gradients.
        Setting::Want | Setting::Along | Setting::Weights => None,
        Setting::Sizes(sizes) => {
            let given: Vec<String> = sizes.iter().map(|size| format!("{size}=…")).collect();
            Some(format!("bind it with f.with_sizes({})", given.join(", ")))
        }
        Setting::Length { input, size } => {
            Some(format!("give {input} by name, or bind its length with f.with_sizes({size}=…)"))
        }
        Setting::NotFinite => Some("a point may have float('inf') or float('nan')".to_owned()),
        Setting::Unsimplified => Some("take f.gradient, which is not simplified".to_owned()),
    }
}
