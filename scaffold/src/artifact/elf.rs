//! Reading an ELF executable: its requirements, and the problems that it would have on Lambda.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt;

use clap::ValueEnum;
use indicatif::DecimalBytes;
use lambda_native::record;
use object::elf::{
    DF_1_PIE, DT_FLAGS_1, DT_NEEDED, EM_386, EM_AARCH64, EM_ARM, EM_PPC64, EM_RISCV, EM_S390,
    EM_X86_64, ET_DYN, ET_EXEC, Machine, VER_FLG_WEAK,
};
use object::read::elf::{ElfFile64, FileHeader, ProgramHeader, SectionHeader};
use object::{Endianness, SymbolIndex};
use serde::{Serialize, Serializer};

use super::expected::Expected;
use super::finding::{Finding, FindingCode};
use super::handlers::{self, HandlerSignature};
use super::jitter_entropy;
use crate::aws::{Architecture, GLIBC};

/// The properties of an executable.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Executable {
    pub(crate) size: u64,
    /// The name of the processor, as AWS calls it if Lambda supports it.
    pub(crate) architecture: String,
    pub(crate) linking: Linking,
    pub(crate) loader: Option<String>,
    pub(crate) libraries: Vec<String>,
    /// The newest version of glibc that it needs.
    pub(crate) glibc: Option<GlibcVersion>,
    /// The size of the debug information in bytes.
    pub(crate) debug_information: u64,
    /// The handlers that `#[lambda_handler]` has recorded in it.
    pub(crate) handlers: Vec<HandlerSignature>,
}

impl Executable {
    /// Summarizes the properties on one line.
    pub(crate) fn summary(&self) -> String {
        let (size, architecture) = (DecimalBytes(self.size), &self.architecture);
        match (self.linking, &self.glibc) {
            (Linking::Static, _) => format!("{size}, {architecture}, static"),
            (Linking::Dynamic, None) => format!("{size}, {architecture}, dynamic"),
            (Linking::Dynamic, Some(glibc)) => {
                format!("{size}, {architecture}, dynamic, glibc {glibc}")
            }
        }
    }
}

/// The way in which an executable gets the C library.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Linking {
    /// It loads glibc when it starts.
    Dynamic,
    /// It contains the C library.
    Static,
}

impl Linking {
    /// Returns the name of the value.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Dynamic => "dynamic",
            Self::Static => "static",
        }
    }
}

/// A version of glibc.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct GlibcVersion(Vec<u32>);

impl GlibcVersion {
    /// Parses the version of a symbol; `None` if it is not a version of glibc.
    fn parse(name: &[u8]) -> Option<Self> {
        let name = std::str::from_utf8(name).ok()?.strip_prefix("GLIBC_")?;
        match name {
            // The only version without a number: relative relocations, added in 2.36.
            "ABI_DT_RELR" => Some(Self(vec![2, 36])),
            name => name.split('.').map(str::parse).collect::<Result<_, _>>().ok().map(Self),
        }
    }

    fn of_lambda() -> Self {
        Self(GLIBC.to_vec())
    }
}

impl fmt::Display for GlibcVersion {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts: Vec<String> = self.0.iter().map(ToString::to_string).collect();
        formatter.write_str(&parts.join("."))
    }
}

impl Serialize for GlibcVersion {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

const FIX: &str = "build it with `scaffold build`";

/// Reads an executable that messages call `name`; `None` if it cannot be read as one.
pub(super) fn read(
    name: &str,
    bytes: &[u8],
    expected: &Expected,
    findings: &mut Vec<Finding>,
) -> Option<Executable> {
    if let Some(detail) = other_format(bytes) {
        let message = format!("{name} is not a Linux executable{detail}");
        findings.push(Finding::new(FindingCode::Format, message).hint(FIX));
        return None;
    }
    match ParsedElf::parse(bytes) {
        Ok(elf) => Some(elf.check(name, expected, findings)),
        Err(error) => {
            let message = format!("{name} is truncated or corrupt: {error}");
            findings.push(Finding::new(FindingCode::Damaged, message).hint(FIX));
            None
        }
    }
}

/// Recognizes files that are not 64-bit ELF files, and explains what they are.
fn other_format(bytes: &[u8]) -> Option<&'static str> {
    const MACH_O: [[u8; 4]; 4] = [
        [0xcf, 0xfa, 0xed, 0xfe],
        [0xce, 0xfa, 0xed, 0xfe],
        [0xca, 0xfe, 0xba, 0xbe],
        [0xca, 0xfe, 0xba, 0xbf],
    ];
    match bytes {
        [0x7f, b'E', b'L', b'F', 1, ..] => Some(": it is a 32-bit executable"),
        [0x7f, b'E', b'L', b'F', ..] => None,
        [] => Some(": it is empty"),
        [b'#', b'!', ..] => Some(": it is a script"),
        [b'M', b'Z', ..] => Some(": it is a Windows executable"),
        [b'P', b'K', ..] => Some(": it is a zip"),
        [head @ .., _] if MACH_O.iter().any(|magic| head.starts_with(magic)) => {
            Some(": it is a macOS executable")
        }
        _ => Some(""),
    }
}

struct ParsedElf<'a> {
    file: ElfFile64<'a, Endianness>,
    bytes: &'a [u8],
    loader: Option<String>,
    libraries: Vec<String>,
    is_program: bool,
    /// The versions of glibc that it requires, with the symbols of each.
    versions: BTreeMap<GlibcVersion, Vec<String>>,
    debug_information: u64,
}

impl<'a> ParsedElf<'a> {
    fn parse(bytes: &'a [u8]) -> Result<Self, Box<dyn Error>> {
        let file = ElfFile64::<Endianness>::parse(bytes)?;
        let endian = file.endian();
        let mut loader = None;
        for segment in file.elf_program_headers() {
            let (start, size) = segment.file_range(endian);
            if start.checked_add(size).is_none_or(|end| end > bytes.len() as u64) {
                return Err("it ends before its last segment".into());
            }
            if let Some(path) = segment.interpreter(endian, bytes)? {
                loader = Some(lossy(path));
            }
        }
        let sections = file.elf_section_table();
        let mut debug_information: u64 = 0;
        for section in sections.iter() {
            let name = sections.section_name(endian, section)?;
            let name = name.strip_prefix(b".z").or(name.strip_prefix(b".")).unwrap_or_default();
            if name.starts_with(b"debug_") {
                // It fails if the section says that it is larger than the file.
                debug_information += section.data(endian, bytes)?.len() as u64;
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

/// Collects the versions of glibc that the loader requires.
fn versions(
    file: &ElfFile64<'_, Endianness>,
    bytes: &[u8],
) -> object::Result<BTreeMap<GlibcVersion, Vec<String>>> {
    let (endian, sections) = (file.endian(), file.elf_section_table());
    let mut found = BTreeMap::<GlibcVersion, Vec<String>>::new();
    let Some((needs, strings)) = sections.gnu_verneed(endian, bytes)? else { return Ok(found) };
    let strings = sections.strings(endian, bytes, strings)?;
    let table = sections.versions(endian, bytes)?;
    let symbols = file.elf_dynamic_symbol_table();
    for need in needs {
        let (_, versions) = need?;
        for needed in versions {
            let needed = needed?;
            // The program also runs without it.
            if needed.vna_flags.get(endian).contains(VER_FLG_WEAK) {
                continue;
            }
            let Some(version) = GlibcVersion::parse(needed.name(endian, strings)?) else {
                continue;
            };
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

impl ParsedElf<'_> {
    fn check(self, name: &str, expected: &Expected, findings: &mut Vec<Finding>) -> Executable {
        let machine = self.file.elf_header().e_machine(self.file.endian());
        let architecture = architecture(machine);
        let architecture_name = architecture.map_or_else(|| name_of(machine), |a| a.name().into());
        findings.extend(check_architecture(name, architecture, &architecture_name, expected));
        if !self.is_program {
            let message =
                format!("{name} is a shared library or an object file, not an executable");
            findings.push(Finding::new(FindingCode::Format, message).hint(FIX));
        }
        findings.extend(self.check_loader(name, architecture));
        findings.extend(self.check_glibc(name));
        if self.debug_information > 0 {
            let size = DecimalBytes(self.debug_information);
            let message = format!(
                "{name} contains {size} of debug information, which slows down cold starts"
            );
            findings.push(Finding::new(FindingCode::DebugInformation, message).hint(
                "build it in release mode, and set `strip = true` under `[profile.release]` in \
                 `Cargo.toml`",
            ));
        }
        if jitter_entropy::is_in(&self.file, self.bytes) {
            let message = format!(
                "{name} contains AWS-LC with CPU jitter entropy, which delays cold starts by up to 1 s"
            );
            let finding = Finding::new(FindingCode::JitterEntropy, message);
            findings.push(finding.hint(jitter_entropy::FIX));
        }
        let handlers: Vec<_> = match record::read(self.bytes) {
            Ok(records) => records.into_iter().map(HandlerSignature::from).collect(),
            // Written by a newer version of the runtime, which is not a problem.
            Err(_) => Vec::new(),
        };
        findings.extend(handlers::check(name, &handlers, expected));
        findings.extend(expected.check_runtimes());
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

    fn check_loader(&self, name: &str, architecture: Option<Architecture>) -> Option<Finding> {
        let (loader, architecture) = (self.loader.as_ref()?, architecture?);
        if loader == architecture.loader() {
            return None;
        }
        let message = format!("{name} needs the loader `{loader}`, which Lambda does not have");
        Some(Finding::new(FindingCode::Loader, message).hint(if loader.contains("musl") {
            "link musl statically (`-C target-feature=+crt-static`), or build with `scaffold build`"
        } else {
            FIX
        }))
    }

    fn check_glibc(&self, name: &str) -> Option<Finding> {
        const SHOWN: usize = 5;
        let lambdas = GlibcVersion::of_lambda();
        let (newest, _) =
            self.versions.last_key_value().filter(|(newest, _)| **newest > lambdas)?;
        let newer = self.versions.iter().filter(|(version, _)| **version > lambdas);
        let symbols: Vec<String> = newer
            .flat_map(|(version, symbols)| {
                symbols.iter().map(move |symbol| format!("`{symbol}` {version}"))
            })
            .collect();
        let more = symbols.len().saturating_sub(SHOWN);
        let shown = symbols.into_iter().take(SHOWN).collect::<Vec<_>>().join(", ");
        let why = match (shown.is_empty(), more) {
            (true, _) => String::new(),
            (false, 0) => format!(" (newer symbols: {shown})"),
            (false, more) => format!(" (newer symbols: {shown} and {more} more)"),
        };
        let message = format!("{name} needs glibc {newest}, but Lambda has {lambdas}{why}");
        Some(Finding::new(FindingCode::Glibc, message).hint(
            "build it with `scaffold build --container` or `--zig`, or link it statically: `--linking static`",
        ))
    }
}

fn check_architecture(
    name: &str,
    found: Option<Architecture>,
    found_name: &str,
    expected: &Expected,
) -> Option<Finding> {
    let Some(found) = found else {
        let message = format!("{name} is built for {found_name}, which Lambda does not support");
        return Some(Finding::new(FindingCode::Architecture, message).hint(FIX));
    };
    let [first, ..] = expected.architectures.as_slice() else { return None };
    if expected.architectures.contains(&found) {
        return None;
    }
    let message = format!("{name} is built for {found}, but {} says {first}", expected.source);
    Some(Finding::new(FindingCode::Architecture, message).hint(format!(
        "build it with `scaffold build --arch {first}`, or set `Architectures: [{found}]` in the \
         template"
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
