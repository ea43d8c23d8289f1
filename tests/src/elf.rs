//! Executables for tests: headers without code.

/// The parts of an executable that `scaffold inspect` reads.
#[derive(Clone, Debug)]
pub struct Elf {
    /// `e_machine`.
    pub machine: u16,
    /// `e_type`: 2 for an executable at a fixed address, 3 for a position-independent one.
    pub kind: u16,
    /// The path of the loader.
    pub loader: Option<&'static str>,
    /// The shared libraries.
    pub libraries: Vec<&'static str>,
    /// The symbols of the C library: name, version, and whether the version is weak.
    pub symbols: Vec<(&'static str, &'static str, bool)>,
    /// The size of the debug information in bytes.
    pub debug_information: usize,
}

/// x86-64.
pub const X86_64: u16 = 62;
/// `AArch64`.
pub const ARM64: u16 = 183;

const EXECUTABLE: u16 = 2;
const INTERPRETER: u32 = 3;
const DYNAMIC: u32 = 2;
const FILE_HEADER: usize = 64;
const PROGRAM_HEADER: usize = 56;

/// A section: its name, type and contents, the section that it refers to, and the size of its entries.
struct Section {
    name: &'static str,
    kind: u32,
    bytes: Vec<u8>,
    link: u32,
    info: u32,
    entry: u64,
}

/// A table of strings, each ended by a NUL.
struct Strings(Vec<u8>);

impl Strings {
    fn add(&mut self, text: &str) -> u32 {
        let offset = u32::try_from(self.0.len()).unwrap();
        self.0.extend_from_slice(text.as_bytes());
        self.0.push(0);
        offset
    }
}

impl Elf {
    /// A dynamic executable that Lambda runs.
    #[must_use]
    pub fn good() -> Self {
        Self {
            machine: X86_64,
            kind: EXECUTABLE,
            loader: Some("/lib64/ld-linux-x86-64.so.2"),
            libraries: vec!["libgcc_s.so.1", "libc.so.6"],
            symbols: vec![("read", "GLIBC_2.2.5", false), ("pthread_create", "GLIBC_2.34", false)],
            debug_information: 0,
        }
    }

    /// A static executable that Lambda runs.
    #[must_use]
    pub fn without_libraries() -> Self {
        Self { loader: None, libraries: Vec::new(), symbols: Vec::new(), ..Self::good() }
    }

    /// The contents of the file.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        let sections = self.sections();
        let programs: Vec<(u32, usize)> = sections
            .iter()
            .enumerate()
            .filter_map(|(index, section)| match section.name {
                ".interp" => Some((INTERPRETER, index)),
                ".dynamic" => Some((DYNAMIC, index)),
                _ => None,
            })
            .collect();

        let mut offset = FILE_HEADER + PROGRAM_HEADER * programs.len();
        let mut offsets = Vec::new();
        for section in &sections {
            offset = offset.next_multiple_of(8);
            offsets.push(offset as u64);
            offset += section.bytes.len();
        }
        let headers = offset.next_multiple_of(8);

        let mut file = vec![0x7f, b'E', b'L', b'F', 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        for half in [self.kind, self.machine] {
            file.extend(half.to_le_bytes());
        }
        file.extend(1_u32.to_le_bytes());
        for long in [0x1000, if programs.is_empty() { 0 } else { FILE_HEADER }, headers] {
            file.extend((long as u64).to_le_bytes());
        }
        file.extend(0_u32.to_le_bytes());
        let [program_headers, section_headers] =
            [programs.len(), sections.len()].map(|number| u16::try_from(number).unwrap());
        for half in [64, 56, program_headers, 64, section_headers, section_headers - 1] {
            file.extend(half.to_le_bytes());
        }
        for (kind, index) in programs {
            let (offset, size) = (offsets[index], sections[index].bytes.len() as u64);
            file.extend(kind.to_le_bytes());
            file.extend(4_u32.to_le_bytes());
            for long in [offset, offset, offset, size, size, 1] {
                file.extend(long.to_le_bytes());
            }
        }
        for (section, offset) in sections.iter().zip(&offsets) {
            file.resize(usize::try_from(*offset).unwrap(), 0);
            file.extend(&section.bytes);
        }
        file.resize(headers, 0);
        let mut names = Strings(vec![0]);
        for (section, offset) in sections.iter().zip(&offsets) {
            let name = if section.name.is_empty() { 0 } else { names.add(section.name) };
            for word in [name, section.kind] {
                file.extend(word.to_le_bytes());
            }
            for long in [0, *offset, *offset, section.bytes.len() as u64] {
                file.extend(long.to_le_bytes());
            }
            for word in [section.link, section.info] {
                file.extend(word.to_le_bytes());
            }
            for long in [8, section.entry] {
                file.extend(long.to_le_bytes());
            }
        }
        file
    }

    fn sections(&self) -> Vec<Section> {
        let section = |name, kind, bytes| Section { name, kind, bytes, link: 0, info: 0, entry: 0 };
        let mut sections = vec![section("", 0, Vec::new())];
        if let Some(loader) = self.loader {
            sections.push(section(".interp", 1, [loader.as_bytes(), &[0]].concat()));
        }
        if !self.libraries.is_empty() {
            self.add_dynamic(&mut sections);
        }
        if self.debug_information > 0 {
            sections.push(section(".debug_info", 1, vec![0; self.debug_information]));
        }
        let mut names = Strings(vec![0]);
        for name in sections.iter().map(|section| section.name).chain([".shstrtab"]).skip(1) {
            names.add(name);
        }
        sections.push(section(".shstrtab", 3, names.0));
        sections
    }

    /// Adds the sections that the loader reads.
    fn add_dynamic(&self, sections: &mut Vec<Section>) {
        let mut strings = Strings(vec![0]);
        let mut dynamic = Vec::new();
        for library in &self.libraries {
            dynamic.extend([1, u64::from(strings.add(library))].map(u64::to_le_bytes).concat());
        }
        dynamic.extend([0; 16]);

        let mut versions: Vec<(&str, bool)> = Vec::new();
        let (mut symbols, mut version_of) = (vec![0; 24], vec![0; 2]);
        for (name, version, can_do_without) in &self.symbols {
            let index = versions.iter().position(|(known, _)| known == version);
            let index = index.unwrap_or_else(|| {
                versions.push((version, *can_do_without));
                versions.len() - 1
            });
            symbols.extend(strings.add(name).to_le_bytes());
            symbols.extend([0x12; 1].into_iter().chain([0; 19]));
            version_of.extend(u16::try_from(index + 2).unwrap().to_le_bytes());
        }
        let mut needs = Vec::new();
        if !versions.is_empty() {
            let number = u16::try_from(versions.len()).unwrap();
            needs.extend([1, number].map(u16::to_le_bytes).concat());
            needs.extend([strings.add("libc.so.6"), 16, 0].map(u32::to_le_bytes).concat());
        }
        for (index, (version, can_do_without)) in versions.iter().enumerate() {
            needs.extend(0_u32.to_le_bytes());
            let flags = if *can_do_without { 2 } else { 0 };
            needs.extend([flags, u16::try_from(index + 2).unwrap()].map(u16::to_le_bytes).concat());
            let next = if index + 1 == versions.len() { 0 } else { 16 };
            needs.extend([strings.add(version), next].map(u32::to_le_bytes).concat());
        }

        let first = u32::try_from(sections.len()).unwrap();
        let mut add = |name, kind, bytes, link, info, entry| {
            sections.push(Section { name, kind, bytes, link, info, entry });
        };
        add(".dynstr", 3, strings.0, 0, 0, 0);
        add(".dynsym", 11, symbols, first, 1, 24);
        add(".dynamic", 6, dynamic, first, 0, 16);
        add(".gnu.version", 0x6fff_ffff, version_of, first + 1, 0, 2);
        if !needs.is_empty() {
            add(".gnu.version_r", 0x6fff_fffe, needs, first, 1, 0);
        }
    }
}

/// Returns the record that `#[lambda_handler]` leaves in an executable for a handler of this name.
#[must_use]
pub fn record(name: &str) -> Vec<u8> {
    bytes_of_record(name, "event", "")
}

/// Returns the record of a handler with these routes: `GET /orders`.
#[must_use]
pub fn record_of_routes(name: &str, routes: &[&str]) -> Vec<u8> {
    let routes = routes.iter().map(|route| {
        let (method, path) = route.split_once(' ').unwrap();
        format!(r#"{{"method":"{method}","path":"{path}"}}"#)
    });
    let routes = routes.collect::<Vec<_>>().join(",");
    bytes_of_record(name, "http", &format!(r#","routes":[{routes}]"#))
}

/// Returns the record of a handler for a source of events: `sqs`, with the name of a queue.
#[must_use]
pub fn record_of_source(name: &str, source: &str, of: &str) -> Vec<u8> {
    let source = format!(r#","source":{{"type":"{source}","name":"{of}"}}"#);
    bytes_of_record(name, "event", &source)
}

/// Returns the record of a handler that is `named`.
#[must_use]
pub fn record_of_named(name: &str) -> Vec<u8> {
    bytes_of_record(name, "event", r#","named":true"#)
}

fn bytes_of_record(name: &str, kind: &str, more: &str) -> Vec<u8> {
    let json = format!(
        r#"{{"version":1,"runtime":"0.1.0","name":"{name}","kind":"{kind}","input":null,"output":"()","types":[]{more}}}"#
    );
    let length = u32::try_from(json.len()).unwrap().to_le_bytes();
    [b"\x7flambda-native\x1a\n".as_slice(), &length, json.as_bytes()].concat()
}
