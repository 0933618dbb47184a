//! Which file names an item of which other file: paths are resolved as the compiler does it, tests apart.
//!
//! An import and a path in code are edges to the file that defines the item, past all re-exports. A re-export of an item of
//! the module's own child is no edge: the file does not need the item. Methods have no path, and are not seen.

use crate::tree::Package;
use proc_macro2::{TokenStream, TokenTree};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use syn::visit::{self, Visit};
use syn::{Attribute, Expr, Item, Lit, Meta, UseTree, Visibility};

/// The path of a module: the root file of its crate, then names.
type Module = Vec<String>;

/// One crate's files and their edges.
#[derive(Default)]
pub struct Graph {
    /// From a file to the files that define what it names.
    pub edges: BTreeMap<String, BTreeSet<String>>,
    /// From a file to crates of the workspace.
    pub crates: BTreeSet<(String, String)>,
    pub types: Vec<Type>,
}

/// A type, and where it is defined.
pub struct Type {
    pub name: String,
    pub module: String,
    pub file: String,
    alternatives: Alternatives,
}

/// Of the modules around a place that have several files, one for each platform or feature: which file it is in.
type Alternatives = Vec<(Module, String)>;

impl Type {
    /// Whether no build has both.
    pub fn excludes(&self, other: &Self) -> bool {
        let other = &other.alternatives;
        self.alternatives.iter().any(|(module, file)| other.iter().any(|(same, other)| same == module && other != file))
    }
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Target {
    Item { module: Module, file: String },
    Module(Module),
    Crate(String),
}

/// What a name stands for in a module, and in which file of it: a module that is written once more for other platforms has
/// several files.
#[derive(Clone)]
enum Definition {
    Item(String),
    Child,
    Import(Import),
}

#[derive(Clone)]
struct Import {
    file: String,
    path: Vec<String>,
}

#[derive(Default)]
struct Scope {
    names: HashMap<String, Vec<Definition>>,
    globs: Vec<Import>,
}

/// A path in code, or an import: where it stands, and whether it only hands a child's item on.
struct Mention {
    module: Module,
    import: Import,
    is_public_import: bool,
}

struct Reader<'a> {
    package: &'a Package,
    scopes: HashMap<Module, Scope>,
    mentions: Vec<Mention>,
    types: Vec<Type>,
    module: Module,
    file: String,
    alternatives: Alternatives,
}

/// The graph of each crate of a package.
pub fn graphs(package: &Package) -> Vec<Graph> {
    package.roots().map(|root| graph(package, root)).collect()
}

fn graph(package: &Package, root: &str) -> Graph {
    let mut reader = Reader {
        package,
        scopes: HashMap::new(),
        mentions: Vec::new(),
        types: Vec::new(),
        module: vec![root.to_owned()],
        file: root.to_owned(),
        alternatives: Vec::new(),
    };
    reader.file(root);
    let Reader { scopes, mentions, types, .. } = reader;
    let mut graph = Graph { types, ..Graph::default() };
    for Mention { module, import, is_public_import } in &mentions {
        for target in resolve(&scopes, module, &import.file, &import.path, &mut HashSet::new()) {
            let is_child = |of: &Module| of.len() > module.len() && of.starts_with(module);
            match target {
                Target::Item { module: of, .. } if *is_public_import && is_child(&of) => {}
                Target::Item { file, .. } if file == import.file => {}
                Target::Item { file, .. } => drop(graph.edges.entry(import.file.clone()).or_default().insert(file)),
                Target::Crate(name) if !is_public_import => drop(graph.crates.insert((import.file.clone(), name))),
                Target::Module(_) | Target::Crate(_) => {}
            }
        }
    }
    graph
}

fn resolve(
    scopes: &HashMap<Module, Scope>,
    module: &Module,
    file: &str,
    path: &[String],
    seen: &mut HashSet<(Module, Vec<String>)>,
) -> BTreeSet<Target> {
    if !seen.insert((module.clone(), path.to_vec())) {
        return BTreeSet::new();
    }
    let mut found: BTreeSet<Target>;
    let mut rest = path;
    let mut at = module.clone();
    let mut is_here = true;
    while let Some((first, others)) = rest.split_first() {
        match first.as_str() {
            "crate" => at.truncate(1),
            "super" => drop(at.pop()),
            "self" => {}
            _ => break,
        }
        is_here = first == "self" && is_here;
        rest = others;
    }
    let Some((first, rest)) = rest.split_first() else { return BTreeSet::from([Target::Module(at)]) };
    found = names(scopes, &at, first, (is_here && at == *module).then_some(file), seen);
    if found.is_empty()
        && is_here
        && let Some(name) = first.strip_prefix("scruple_")
    {
        return BTreeSet::from([Target::Crate(name.to_owned())]);
    }
    for name in rest {
        let into = |target| match target {
            Target::Module(module) => names(scopes, &module, name, None, seen),
            target => BTreeSet::from([target]),
        };
        found = found.into_iter().flat_map(into).collect();
    }
    found
}

/// What a name stands for in a module, as one of its files sees it, or all of them.
fn names(
    scopes: &HashMap<Module, Scope>,
    module: &Module,
    name: &str,
    of: Option<&str>,
    seen: &mut HashSet<(Module, Vec<String>)>,
) -> BTreeSet<Target> {
    let Some(scope) = scopes.get(module) else { return BTreeSet::new() };
    let is_seen = |file: &str| of.is_none_or(|of| of == file);
    let mut found = BTreeSet::new();
    for definition in scope.names.get(name).into_iter().flatten() {
        match definition {
            Definition::Item(file) if is_seen(file) => {
                found.insert(Target::Item { module: module.clone(), file: file.clone() });
            }
            Definition::Child => {
                found.insert(Target::Module([module.as_slice(), &[name.to_owned()]].concat()));
            }
            Definition::Import(Import { file, path }) if is_seen(file) => {
                found.extend(resolve(scopes, module, file, path, seen));
            }
            Definition::Item(_) | Definition::Import(_) => {}
        }
    }
    if found.is_empty() {
        for Import { file, path } in scope.globs.iter().filter(|import| is_seen(&import.file)) {
            for target in resolve(scopes, module, file, path, seen) {
                if let Target::Module(from) = target {
                    found.extend(names(scopes, &from, name, None, seen));
                }
            }
        }
    }
    found
}

impl Reader<'_> {
    fn file(&mut self, path: &str) {
        let text = self.package.files.get(path).unwrap_or_else(|| panic!("{}: no file {path}", self.file));
        let parsed = syn::parse_file(text).unwrap_or_else(|why| panic!("{path}: {why}"));
        let outer = std::mem::replace(&mut self.file, path.to_owned());
        self.scopes.entry(self.module.clone()).or_default();
        parsed.items.iter().for_each(|item| self.visit_item(item));
        self.file = outer;
    }

    /// Where a module's file may be: beside this file, or where an attribute says.
    fn files_of(&self, module: &syn::ItemMod) -> Vec<String> {
        let (folder, name) = self.file.rsplit_once('/').unwrap();
        let mut files: Vec<_> =
            module.attrs.iter().filter_map(path_of).map(|path| format!("{folder}/{path}")).collect();
        let stem = name.trim_end_matches(".rs");
        let below = if ["lib", "main", "mod"].contains(&stem) { folder.to_owned() } else { format!("{folder}/{stem}") };
        let usual = [format!("{below}/{}.rs", module.ident), format!("{below}/{}/mod.rs", module.ident)];
        files.extend(usual.into_iter().filter(|file| self.package.files.contains_key(file)));
        files
    }

    fn scope(&mut self) -> &mut Scope {
        self.scopes.entry(self.module.clone()).or_default()
    }

    fn define(&mut self, name: &syn::Ident) {
        let file = self.file.clone();
        self.scope().names.entry(name.to_string()).or_default().push(Definition::Item(file));
    }

    fn define_type(&mut self, name: &syn::Ident) {
        self.define(name);
        let (module, file, alternatives) = (self.module.join("::"), self.file.clone(), self.alternatives.clone());
        self.types.push(Type { name: name.to_string(), module, file, alternatives });
    }

    fn mention(&mut self, path: Vec<String>, is_public_import: bool) {
        let import = Import { file: self.file.clone(), path };
        self.mentions.push(Mention { module: self.module.clone(), import, is_public_import });
    }

    fn import(&mut self, before: &mut Vec<String>, tree: &UseTree, is_public: bool) {
        let (name, path) = match tree {
            UseTree::Path(path) => {
                before.push(path.ident.to_string());
                self.import(before, &path.tree, is_public);
                before.pop();
                return;
            }
            UseTree::Group(group) => {
                group.items.iter().for_each(|tree| self.import(before, tree, is_public));
                return;
            }
            UseTree::Glob(_) => {
                let import = Import { file: self.file.clone(), path: before.clone() };
                self.scope().globs.push(import);
                return self.mention(before.clone(), is_public);
            }
            UseTree::Name(name) => (&name.ident, &name.ident),
            UseTree::Rename(rename) => (&rename.rename, &rename.ident),
        };
        let mut whole = before.clone();
        let name = if path == "self" { whole.last().unwrap().clone() } else { name.to_string() };
        if path != "self" {
            whole.push(path.to_string());
        }
        let import = Import { file: self.file.clone(), path: whole.clone() };
        self.scope().names.entry(name).or_default().push(Definition::Import(import));
        self.mention(whole, is_public);
    }

    /// The paths in a macro's arguments.
    fn tokens(&mut self, tokens: TokenStream) {
        let mut path: Vec<String> = Vec::new();
        let mut colons = 0;
        for token in tokens {
            match token {
                TokenTree::Ident(name) => {
                    if colons != 2 && !path.is_empty() {
                        self.mention(std::mem::take(&mut path), false);
                    }
                    path.push(name.to_string());
                    colons = 0;
                }
                TokenTree::Punct(punct) if punct.as_char() == ':' => colons += 1,
                other => {
                    if !path.is_empty() {
                        self.mention(std::mem::take(&mut path), false);
                    }
                    colons = 0;
                    if let TokenTree::Group(group) = other {
                        self.tokens(group.stream());
                    }
                }
            }
        }
        if !path.is_empty() {
            self.mention(path, false);
        }
    }
}

impl<'ast> Visit<'ast> for Reader<'_> {
    fn visit_item(&mut self, item: &'ast Item) {
        let (attributes, name) = match item {
            Item::Const(item) => (&item.attrs, Some(&item.ident)),
            Item::Static(item) => (&item.attrs, Some(&item.ident)),
            Item::Fn(item) => (&item.attrs, Some(&item.sig.ident)),
            Item::Enum(item) => (&item.attrs, Some(&item.ident)),
            Item::Struct(item) => (&item.attrs, Some(&item.ident)),
            Item::Trait(item) => (&item.attrs, Some(&item.ident)),
            Item::Type(item) => (&item.attrs, Some(&item.ident)),
            Item::Union(item) => (&item.attrs, Some(&item.ident)),
            Item::Use(item) => (&item.attrs, None),
            Item::Impl(item) => (&item.attrs, None),
            Item::Mod(item) => (&item.attrs, None),
            Item::Macro(item) => (&item.attrs, None),
            _ => panic!("{}: an item of a kind that this test has no rule for", self.file),
        };
        if attributes.iter().any(is_test) {
            return;
        }
        match (item, name) {
            (Item::Enum(_) | Item::Struct(_) | Item::Trait(_) | Item::Type(_) | Item::Union(_), Some(name)) => {
                self.define_type(name);
            }
            (_, Some(name)) => self.define(name),
            (_, None) => {}
        }
        visit::visit_item(self, item);
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.import(&mut Vec::new(), &item.tree, !matches!(item.vis, Visibility::Inherited));
    }

    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        self.scope().names.entry(item.ident.to_string()).or_default().push(Definition::Child);
        self.module.push(item.ident.to_string());
        match &item.content {
            Some((_, items)) => items.iter().for_each(|item| self.visit_item(item)),
            None => {
                let files = self.files_of(item);
                assert!(!files.is_empty(), "{}: no file for the module {}", self.file, item.ident);
                for file in &files {
                    self.alternatives.push((self.module.clone(), file.clone()));
                    self.file(file);
                    self.alternatives.pop();
                }
            }
        }
        self.module.pop();
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        if !item.attrs.iter().any(is_test) {
            visit::visit_impl_item_fn(self, item);
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        if path.leading_colon.is_none() {
            self.mention(path.segments.iter().map(|segment| segment.ident.to_string()).collect(), false);
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        self.tokens(call.tokens.clone());
        visit::visit_macro(self, call);
    }

    /// No path of an attribute is of this crate.
    fn visit_attribute(&mut self, _: &'ast Attribute) {}
}

fn is_test(attribute: &Attribute) -> bool {
    attribute.path().is_ident("test")
        || (attribute.path().is_ident("cfg")
            && attribute.parse_args::<syn::Path>().is_ok_and(|path| path.is_ident("test")))
}

/// The file that `#[path = "…"]` names, or `#[cfg_attr(…, path = "…")]`.
fn path_of(attribute: &Attribute) -> Option<String> {
    let value = |meta: &Meta| match meta {
        Meta::NameValue(pair) if pair.path.is_ident("path") => match &pair.value {
            Expr::Lit(literal) => match &literal.lit {
                Lit::Str(text) => Some(text.value()),
                _ => None,
            },
            _ => None,
        },
        _ => None,
    };
    if attribute.path().is_ident("cfg_attr") {
        let parse = syn::punctuated::Punctuated::<Meta, syn::Token![,]>::parse_terminated;
        return attribute.parse_args_with(parse).ok()?.iter().find_map(value);
    }
    value(&attribute.meta)
}
