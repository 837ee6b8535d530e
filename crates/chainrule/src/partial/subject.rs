//! Which function is summed: what two partial sums must have in common to be merged.

use expr::Function;
use expr::graph::Role;

use super::sum_over::Order;

/// Characters of a text that are kept for messages.
const MOST_SHOWN: usize = 200;

/// A function of rows, as far as partial sums know it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Subject {
    /// The beginning of its text, for messages.
    pub(super) text: String,
    /// Of its text, sizes, data, inputs, which of them rows have, and the order.
    pub(super) digest: u128,
    pub(super) order: Order,
    pub(super) outputs: usize,
    /// The inputs that rows share, and how long they are along each index.
    pub(super) parameters: Vec<(String, Vec<usize>)>,
}

impl Subject {
    /// Of a function whose sizes are bound; `inputs` are all but data, with their lengths, and whether rows have them.
    pub(super) fn new(f: &Function, inputs: &[(String, Vec<usize>, bool)], order: Order) -> Subject {
        let text = syntax::text(f).replace('\n', "; ");
        let mut digest = Digest::default();
        digest.add(text.as_bytes());
        for size in f.graph().sizes() {
            digest.add(size.as_bytes());
            digest.add(&f.size(size).unwrap_or(0).to_le_bytes());
        }
        let lengths = |digest: &mut Digest, lengths: &[usize]| {
            lengths.iter().for_each(|length| digest.add(&(*length as u64).to_le_bytes()));
        };
        for (name, shape, is_row) in inputs {
            digest.add(name.as_bytes());
            digest.add(&[u8::from(*is_row)]);
            lengths(&mut digest, shape);
        }
        for block in f.graph().blocks().iter().filter(|block| block.role == Role::Data) {
            digest.add(block.name.as_bytes());
            let data = f.graph().block_named(&block.name).and_then(|block| f.data_of(block));
            let (shape, numbers) = data.unwrap_or_default();
            lengths(&mut digest, shape);
            numbers.iter().for_each(|number| digest.add(&number.to_bits().to_le_bytes()));
        }
        digest.add(&[order as u8]);
        let mut shown: String = text.chars().take(MOST_SHOWN).collect();
        if shown.len() < text.len() {
            shown.push('…');
        }
        let rows: Vec<&str> =
            inputs.iter().filter(|(.., row)| *row).map(|(name, ..)| name.as_str()).collect();
        let text = format!("{shown} over {} in order {order}", rows.join(", "));
        let parameters = inputs.iter().filter(|(.., row)| !*row);
        let parameters = parameters.map(|(name, shape, _)| (name.clone(), shape.clone())).collect();
        Subject { text, digest: digest.0, order, outputs: f.outputs().len(), parameters }
    }

    /// How many numbers the parameters are.
    pub(super) fn numbers(&self) -> usize {
        self.parameters.iter().map(|(_, shape)| shape.iter().product::<usize>()).sum()
    }

    /// How many sums there are.
    pub(super) fn sums(&self) -> usize {
        self.outputs * (1 + self.numbers())
    }

    /// What the `k`-th number of the parameters is called.
    pub(super) fn name(&self, k: usize) -> String {
        let mut left = k;
        for (name, shape) in &self.parameters {
            let length: usize = shape.iter().product();
            if left < length {
                if shape.is_empty() {
                    return name.clone();
                }
                let mut indices: Vec<String> = Vec::new();
                for &along in shape.iter().rev() {
                    indices.push((left % along + 1).to_string());
                    left /= along;
                }
                indices.reverse();
                return format!("{name}[{}]", indices.join(","));
            }
            left -= length;
        }
        "a parameter".to_owned()
    }
}

/// FNV-1a of 128 bits, which tells functions apart that are mixed up by accident; it has no secret to keep.
pub(super) struct Digest(pub(super) u128);

impl Default for Digest {
    fn default() -> Digest {
        Digest(0x6c62_272e_07bb_0142_62b8_2175_6295_c58d)
    }
}

impl Digest {
    /// Takes bytes, and how many they are.
    pub(super) fn add(&mut self, bytes: &[u8]) {
        for byte in (bytes.len() as u64).to_le_bytes().iter().chain(bytes) {
            self.0 = (self.0 ^ u128::from(*byte)).wrapping_mul(0x0000_0000_0100_0000_0000_0000_0000_013b);
        }
    }
}
