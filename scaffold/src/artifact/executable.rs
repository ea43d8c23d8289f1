//! An executable, whatever it is for: what it needs, and what keeps Lambda from running it.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt;

use lambda_native::record::{self, Kind};
use object::elf::{
    DF_1_PIE, DT_FLAGS_1, DT_NEEDED, EM_386, EM_AARCH64, EM_ARM, EM_PPC64, EM_RISCV, EM_S390,
    EM_X86_64, ET_DYN, ET_EXEC, Machine, VER_FLG_WEAK,
};
use object::read::elf::{ElfFile64, FileHeader, ProgramHeader, SectionHeader};
use object::{Endianness, SymbolIndex};
use serde::{Serialize, Serializer};

use super::{Code, Expected, Problem};
use crate::lambda::{Architecture, GLIBC};
use crate::size::Size;

/// What an executable says of itself.
#[derive(Debug, Serialize)]
pub(crate) struct Executable {
    pub(crate) size: u64,
    /// AWS's name for it where Lambda has it.
    pub(crate) architecture: String,
    pub(crate) linking: Linking,
    pub(crate) loader: Option<String>,
    pub(crate) libraries: Vec<String>,
    /// The newest version of glibc that it asks for.
    pub(crate) glibc: Option<Version>,
    /// The bytes of debug information.
    pub(crate) debug_information: u64,
    /// What `#[lambda_handler]` has left in it.
    pub(crate) handlers: Vec<Handler>,
}

impl Executable {
    /// The essentials on one line.
    pub(crate) fn summary(&self) -> String {
        let (size, architecture) = (Size(self.size), &self.architecture);
        match (self.linking, &self.glibc) {
            (Linking::Static, _) => format!("{size}, {architecture}, static"),
            (Linking::Dynamic, None) => format!("{size}, {architecture}, dynamic"),
            (Linking::Dynamic, Some(glibc)) => {
                format!("{size}, {architecture}, dynamic, glibc {glibc}")
            }
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Linking {
    Dynamic,
    Static,
}

/// A handler and its types, as they are written in the source.
#[derive(Debug, Serialize)]
pub(crate) struct Handler {
    pub(crate) name: String,
    pub(crate) kind: &'static str,
    pub(crate) input: Option<String>,
    pub(crate) output: String,
    /// The types of its JSON context.
    pub(crate) types: Vec<String>,
    /// The version of `lambda-native`.
    pub(crate) runtime: String,
}

/// A version of glibc.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Version(Vec<u32>);

impl Version {
    /// From the name of a symbol's version; `None` where it is not one of glibc.
    fn parse(name: &[u8]) -> Option<Self> {
        let name = std::str::from_utf8(name).ok()?.strip_prefix("GLIBC_")?;
        match name {
            // The one version that has no number: relative relocations, which came with 2.36.
            "ABI_DT_RELR" => Some(Self(vec![2, 36])),
            name => name.split('.').map(str::parse).collect::<Result<_, _>>().ok().map(Self),
        }
    }

    fn lambdas() -> Self {
        Self(GLIBC.to_vec())
    }
}

impl fmt::Display for Version {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts: Vec<String> = self.0.iter().map(ToString::to_string).collect();
        formatter.write_str(&parts.join("."))
    }
}

impl Serialize for Version {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// What builds anew that which is not right.
const MEND: &str = "build it with `scaffold build`";

/// Reads the executable called `name`; `None` where it is not one that can be read.
pub(super) fn read(
    name: &str,
    bytes: &[u8],
    expected: &Expected,
    problems: &mut Vec<Problem>,
) -> Option<Executable> {
    if let Some(other) = other_format(bytes) {
        let message = format!("{name} is {other}, and not an executable for Linux");
        problems.push(Problem::new(Code::Format, message).hint(MEND));
        return None;
    }
    match Elf::parse(bytes) {
        Ok(elf) => Some(elf.check(name, expected, problems)),
        Err(error) => {
            let message = format!("{name} is cut off or damaged: {error}");
            problems.push(Problem::new(Code::Damaged, message).hint(MEND));
            None
        }
    }
}

/// What it is instead of a 64-bit ELF file.
fn other_format(bytes: &[u8]) -> Option<&'static str> {
    const MACH_O: [[u8; 4]; 4] = [
        [0xcf, 0xfa, 0xed, 0xfe],
        [0xce, 0xfa, 0xed, 0xfe],
        [0xca, 0xfe, 0xba, 0xbe],
        [0xca, 0xfe, 0xba, 0xbf],
    ];
    match bytes {
        [0x7f, b'E', b'L', b'F', 1, ..] => Some("a 32-bit program"),
        [0x7f, b'E', b'L', b'F', ..] => None,
        [] => Some("empty"),
        [b'#', b'!', ..] => Some("a script"),
        [b'M', b'Z', ..] => Some("a program for Windows"),
        [b'P', b'K', ..] => Some("a zip"),
        [head @ .., _] if MACH_O.iter().any(|magic| head.starts_with(magic)) => {
            Some("a program for macOS")
        }
        _ => Some("some other file"),
    }
}

struct Elf<'a> {
    file: ElfFile64<'a, Endianness>,
    bytes: &'a [u8],
    loader: Option<String>,
    libraries: Vec<String>,
    is_program: bool,
    /// The versions of glibc that must be there, each with the symbols that are of it.
    versions: BTreeMap<Version, Vec<String>>,
    debug_information: u64,
}

impl<'a> Elf<'a> {
    fn parse(bytes: &'a [u8]) -> Result<Self, Box<dyn Error>> {
        let file = ElfFile64::<Endianness>::parse(bytes)?;
        let endian = file.endian();
        let mut loader = None;
        for segment in file.elf_program_headers() {
            let (start, size) = segment.file_range(endian);
            if start.checked_add(size).is_none_or(|end| end > bytes.len() as u64) {
                return Err("it ends before its segments do".into());
            }
            if let Some(path) = segment.interpreter(endian, bytes)? {
                loader = Some(lossy(path));
            }
        }
        let sections = file.elf_section_table();
        let mut debug_information = 0;
        for section in sections.iter() {
            let name = sections.section_name(endian, section)?;
            let name = name.strip_prefix(b".z").or(name.strip_prefix(b".")).unwrap_or_default();
            if name.starts_with(b"debug_") {
                debug_information += section.sh_size(endian);
            }
        }
        let mut libraries = Vec::new();
        let mut is_position_independent = false;
        let dynamic = file.elf_dynamic_table()?;
        for entry in &dynamic {
            if entry.tag == DT_NEEDED {
                libraries.push(lossy(dynamic.string(entry)?));
            } else if entry.tag == DT_FLAGS_1 {
                is_position_independent = entry.val & DF_1_PIE.0 != 0;
            }
        }
        let kind = file.elf_header().e_type(endian);
        let is_program =
            kind == ET_EXEC || kind == ET_DYN && (loader.is_some() || is_position_independent);
        let versions = versions(&file, bytes)?;
        Ok(Self { file, bytes, loader, libraries, is_program, versions, debug_information })
    }
}

/// The versions of glibc that the loader insists on.
fn versions(
    file: &ElfFile64<'_, Endianness>,
    bytes: &[u8],
) -> object::Result<BTreeMap<Version, Vec<String>>> {
    let (endian, sections) = (file.endian(), file.elf_section_table());
    let mut found = BTreeMap::<Version, Vec<String>>::new();
    let Some((needs, strings)) = sections.gnu_verneed(endian, bytes)? else { return Ok(found) };
    let strings = sections.strings(endian, bytes, strings)?;
    let table = sections.versions(endian, bytes)?;
    let symbols = file.elf_dynamic_symbol_table();
    for need in needs {
        let (_, versions) = need?;
        for needed in versions {
            let needed = needed?;
            // The program does without it where it is not there.
            if needed.vna_flags.get(endian).contains(VER_FLG_WEAK) {
                continue;
            }
            let Some(version) = Version::parse(needed.name(endian, strings)?) else { continue };
            let of_it = found.entry(version).or_default();
            let Some(table) = &table else { continue };
            for (index, symbol) in symbols.enumerate() {
                let version = table.version_index(endian, SymbolIndex(index.0)).index();
                if version == needed.vna_other.get(endian) {
                    of_it.push(lossy(symbols.symbol_name(endian, symbol)?));
                }
            }
        }
    }
    Ok(found)
}

impl Elf<'_> {
    fn check(self, name: &str, expected: &Expected, problems: &mut Vec<Problem>) -> Executable {
        let machine = self.file.elf_header().e_machine(self.file.endian());
        let architecture = architecture(machine);
        let architecture_name = architecture.map_or_else(|| name_of(machine), |a| a.name().into());
        problems.extend(check_architecture(name, architecture, &architecture_name, expected));
        if !self.is_program {
            let message = format!("{name} is a library or an object file, and not a program");
            problems.push(Problem::new(Code::Format, message).hint(MEND));
        }
        problems.extend(self.check_loader(architecture));
        problems.extend(self.check_glibc(name));
        if self.debug_information > 0 {
            let size = Size(self.debug_information);
            let message = format!("{name} has {size} of debug information, which Lambda loads too");
            problems.push(Problem::new(Code::DebugInformation, message).hint(
                "build it in release, with `strip = true` under `[profile.release]` in \
                 `Cargo.toml`",
            ));
        }
        let handlers = match record::read(self.bytes) {
            Ok(records) => records.into_iter().map(Handler::from).collect(),
            // A later version's, which is no fault of the executable.
            Err(_) => Vec::new(),
        };
        let is_dynamic = self.loader.is_some() || !self.libraries.is_empty();
        Executable {
            size: self.bytes.len() as u64,
            architecture: architecture_name,
            linking: if is_dynamic { Linking::Dynamic } else { Linking::Static },
            loader: self.loader,
            libraries: self.libraries,
            glibc: self.versions.into_keys().next_back(),
            debug_information: self.debug_information,
            handlers,
        }
    }

    fn check_loader(&self, architecture: Option<Architecture>) -> Option<Problem> {
        let (loader, architecture) = (self.loader.as_ref()?, architecture?);
        if loader == architecture.loader() {
            return None;
        }
        let message = format!("the loader `{loader}` is needed, which Lambda does not have");
        Some(Problem::new(Code::Loader, message).hint(if loader.contains("musl") {
            "link musl statically, `-C target-feature=+crt-static`, or build with `scaffold build`"
        } else {
            MEND
        }))
    }

    fn check_glibc(&self, name: &str) -> Option<Problem> {
        const SHOWN: usize = 5;
        let lambdas = Version::lambdas();
        let (newest, _) =
            self.versions.last_key_value().filter(|(newest, _)| **newest > lambdas)?;
        let newer = self.versions.iter().filter(|(version, _)| **version > lambdas);
        let symbols: Vec<String> = newer
            .flat_map(|(version, symbols)| {
                symbols.iter().map(move |symbol| format!("`{symbol}` ({version})"))
            })
            .collect();
        let more = symbols.len().saturating_sub(SHOWN);
        let shown = symbols.into_iter().take(SHOWN).collect::<Vec<_>>().join(", ");
        let why = match (shown.is_empty(), more) {
            (true, _) => String::new(),
            (false, 0) => format!(", for {shown}"),
            (false, more) => format!(", for {shown} and {more} more"),
        };
        let message = format!("{name} needs glibc {newest}, and Lambda has {lambdas}{why}");
        Some(Problem::new(Code::Glibc, message).hint(
            "build it with `scaffold build --container` or `--zig`, or without shared libraries: \
             `--static`",
        ))
    }
}

fn check_architecture(
    name: &str,
    found: Option<Architecture>,
    found_name: &str,
    expected: &Expected,
) -> Option<Problem> {
    let Some(found) = found else {
        let message = format!("{name} is built for {found_name}, which Lambda does not have");
        return Some(Problem::new(Code::Architecture, message).hint(MEND));
    };
    let [first, ..] = expected.architectures.as_slice() else { return None };
    if expected.architectures.contains(&found) {
        return None;
    }
    let message = format!("{name} is built for {found}, and {} says {first}", expected.source);
    Some(Problem::new(Code::Architecture, message).hint(format!(
        "build it with `scaffold build --arch {first}`, or have the template say \
         `Architectures: [{found}]`"
    )))
}

fn architecture(machine: Machine) -> Option<Architecture> {
    match machine {
        EM_X86_64 => Some(Architecture::X86_64),
        EM_AARCH64 => Some(Architecture::Arm64),
        _ => None,
    }
}

fn name_of(machine: Machine) -> String {
    match machine {
        EM_386 => "x86".to_owned(),
        EM_ARM => "arm".to_owned(),
        EM_PPC64 => "ppc64".to_owned(),
        EM_RISCV => "riscv64".to_owned(),
        EM_S390 => "s390x".to_owned(),
        Machine(number) => format!("machine {number}"),
    }
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

impl From<record::Record> for Handler {
    fn from(record: record::Record) -> Self {
        Self {
            name: record.name,
            kind: match record.kind {
                Kind::Http => "http",
                _ => "event",
            },
            input: record.input,
            output: record.output,
            types: record.types,
            runtime: record.runtime,
        }
    }
}
