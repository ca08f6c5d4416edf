// node read.mjs FOLDER: writes there a JSON Schema of each type that wanted.ts exports, and the
// lexicons of Bluesky as they are. The types are read by the compiler; an object that has a field
// which its type does not name is wrong here, as it would be in a program.

import { writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { resolve } from "node:path";
import ts from "typescript";

const folder = process.argv[2];
const program = ts.createProgram(["wanted.ts"], {
  strict: true,
  noEmit: true,
  skipLibCheck: true,
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  types: [],
});
const checker = program.getTypeChecker();
const source = program.getSourceFile("wanted.ts");
for (const wrong of program.getSemanticDiagnostics(source)) {
  throw new Error(ts.flattenDiagnosticMessageText(wrong.messageText, "\n"));
}

const NOTHING = ts.TypeFlags.Never | ts.TypeFlags.Undefined | ts.TypeFlags.Void;
const LITERAL = ts.TypeFlags.StringLiteral | ts.TypeFlags.NumberLiteral;

class Schemas {
  defs = {};
  names = new Map();

  of(type) {
    if (type.flags & (ts.TypeFlags.Any | ts.TypeFlags.Unknown)) return {};
    if (type.flags & NOTHING) return false;
    if (type.flags & ts.TypeFlags.Null) return { type: "null" };
    if (type.flags & ts.TypeFlags.BooleanLiteral) return { const: type.intrinsicName === "true" };
    if (type.flags & LITERAL) return { const: type.value };
    if (type.isUnion()) return this.union(type);
    if (type.flags & ts.TypeFlags.StringLike) return { type: "string" };
    if (type.flags & ts.TypeFlags.NumberLike) return { type: "number" };
    if (type.flags & ts.TypeFlags.BooleanLike) return { type: "boolean" };
    if (type.getCallSignatures().length) return false;
    if (!this.names.has(type)) {
      const name = String(this.names.size);
      this.names.set(type, name);
      const listed = checker.isTupleType(type) || checker.isArrayType(type);
      this.defs[name] = listed ? this.list(type) : this.object(type);
    }
    return { $ref: `#/$defs/${this.names.get(type)}` };
  }

  union(type) {
    const some = type.types.map((one) => this.of(one)).filter((one) => one !== false);
    return some.length === 1 ? some[0] : { anyOf: some };
  }

  list(type) {
    const items = checker.getTypeArguments(type).map((one) => this.of(one));
    if (!checker.isTupleType(type)) return { type: "array", items: items[0] };
    // The last of a tuple may be there again and again: [one, ...one[]].
    const minItems = type.target.minLength;
    return { type: "array", prefixItems: items, minItems, items: items.at(-1) ?? false };
  }

  object(type) {
    const properties = {};
    const required = [];
    for (const property of checker.getPropertiesOfType(type)) {
      properties[property.name] = this.of(checker.getTypeOfSymbol(property));
      if (!(property.flags & ts.SymbolFlags.Optional)) required.push(property.name);
    }
    const byName = (one) => one.keyType.flags & ts.TypeFlags.String;
    const any = checker.getIndexInfosOfType(type).find(byName);
    const additionalProperties = any ? this.of(any.type) : false;
    return { type: "object", properties, required, additionalProperties };
  }
}

for (const statement of source.statements.filter(ts.isTypeAliasDeclaration)) {
  if (!statement.modifiers?.some((one) => one.kind === ts.SyntaxKind.ExportKeyword)) continue;
  const schemas = new Schemas();
  const methods = {};
  for (const property of checker.getPropertiesOfType(checker.getTypeAtLocation(statement.name))) {
    methods[property.name] = schemas.of(checker.getTypeOfSymbol(property));
  }
  const made = JSON.stringify({ methods, $defs: schemas.defs });
  writeFileSync(`${folder}/${statement.name.text}.json`, made);
}

const lexicons = pathToFileURL(resolve("node_modules/@atproto/api/dist/client/lexicons.js"));
const { schemaDict } = await import(lexicons);
writeFileSync(`${folder}/lexicons.json`, JSON.stringify(Object.values(schemaDict)));
