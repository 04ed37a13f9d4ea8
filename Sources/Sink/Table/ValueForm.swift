/// What a column's values look like: which JSON forms are read, and which limits of the column are checked.
///
/// Limits are checked here where the server would round or cut without a word; everything else it refuses
/// itself.
indirect enum ValueForm: Hashable, Sendable {
    case boolean
    /// Rounded, if at all, as PostgreSQL rounds a number that it assigns.
    case integer(ClosedRange<Int64>, rounds: Bool = false)
    /// Digits that a value may have and still come back as it was written: 9 for real, 17 for double precision.
    case float(maximumDigits: Int)
    /// Digits after the point, `nil` where the column takes any number of them; more are left to the server, or refused.
    case numeric(scale: Int?, rounds: Bool = false)
    /// Characters; `nil` is any number.
    case text(limit: Int?)
    /// `name` cuts at 63 bytes.
    case name
    /// `char(n)`: trailing blanks mean nothing.
    case paddedText
    case bytea
    case bit(length: Int)
    case varyingBit(limit: Int?)
    case date
    case time(precision: Int)
    case zonedTime(precision: Int)
    case timestamp(precision: Int)
    case zonedTimestamp(precision: Int)
    case interval(precision: Int)
    case json
    case hstore
    case point, line, circle
    /// Other geometric types: their own text, in base64 as the source connector writes types it does not know.
    case shape
    /// PostGIS: well-known binary with its spatial reference system beside it.
    case geometry
    /// pgvector.
    case vector, sparseVector
    case array(ValueForm)
}

/// A column's type as the catalog describes it, domains resolved.
struct CatalogType {
    /// `pg_type.typname`.
    let name: String
    /// `pg_type.typtype`: b, e, r, m, c.
    let kind: String
    let isBuiltIn: Bool
    let modifier: Int
    /// The type without its modifier, as SQL writes it.
    let sqlName: String
    /// The element type of an array.
    let element: (name: String, kind: String, isBuiltIn: Bool)?
}

extension ColumnType {
    /// How values of this type travel, or `nil` where they can't be carried exactly.
    init?(_ type: CatalogType) {
        if let element = type.element {
            guard
                // Debezium drops these or makes them null, and money's text depends on the locale.
                !["money", "box", "bit", "varbit"].contains(element.name),
                let form = ValueForm(element.name, element.kind, element.isBuiltIn, type.modifier)
            else { return nil }
            self = .value(.array(form), castTo: type.sqlName)
            return
        }
        guard let form = ValueForm(type.name, type.kind, type.isBuiltIn, type.modifier) else { return nil }
        switch (type.isBuiltIn, type.name) {
        case (true, "int2"): self = .smallint
        case (true, "int4"): self = .integer
        case (true, "int8"): self = .bigint
        case (true, "bool"): self = .boolean
        case (true, "date"): self = .date
        case (true, "timestamp"), (true, "timestamptz"):
            let precision = type.modifier < 0 ? 6 : type.modifier
            self = .timestamp(precision: precision, isZoned: type.name == "timestamptz")
        // Not cast: an explicit cast to varchar(n) cuts silently, the assignment refuses what is too long.
        case (true, "text"), (true, "varchar"): self = .value(form, castTo: nil)
        // Money's own input depends on the locale, the cast from numeric does not.
        case (true, "money"): self = .value(form, castTo: "numeric::money")
        default: self = .value(form, castTo: type.sqlName)
        }
    }
}

extension ValueForm {
    /// The form of a base type, enum or range; `nil` where values can't be carried exactly.
    init?(_ name: String, _ kind: String, _ isBuiltIn: Bool, _ modifier: Int) {
        if kind == "e" || kind == "r" || kind == "m" {
            self = .text(limit: nil)
        } else if kind != "b" {
            return nil
        } else if isBuiltIn {
            self.init(builtIn: name, modifier)
        } else {
            self.init(extensionType: name)
        }
    }

    private init?(builtIn name: String, _ modifier: Int) {
        let precision = modifier < 0 ? 6 : modifier
        switch name {
        case "bool": self = .boolean
        case "int2": self = .integer(Int64(Int16.min)...Int64(Int16.max))
        case "int4": self = .integer(Int64(Int32.min)...Int64(Int32.max))
        case "int8": self = .integer(Int64.min...Int64.max)
        case "oid": self = .integer(0...Int64(UInt32.max))
        case "float4": self = .float(maximumDigits: 9)
        case "float8": self = .float(maximumDigits: 17)
        // The modifier's lower 11 bits are the scale, signed (numeric.c, `numeric_typmod_scale`).
        case "numeric": self = .numeric(scale: modifier < 4 ? nil : (((modifier - 4) & 0x7ff) ^ 1024) - 1024)
        case "money": self = .numeric(scale: 2)
        case "text": self = .text(limit: nil)
        case "varchar": self = .text(limit: modifier < 4 ? nil : modifier - 4)
        case "bpchar": self = .paddedText
        case "name": self = .name
        case "uuid", "xml", "inet", "cidr", "macaddr", "macaddr8", "tsvector", "pg_lsn":
            self = .text(limit: nil)
        case "json", "jsonb": self = .json
        case "bytea": self = .bytea
        case "bit": self = .bit(length: max(modifier, 1))
        case "varbit": self = .varyingBit(limit: modifier < 0 ? nil : modifier)
        case "date": self = .date
        case "time": self = .time(precision: precision)
        case "timetz": self = .zonedTime(precision: precision)
        case "timestamp": self = .timestamp(precision: precision)
        case "timestamptz": self = .zonedTimestamp(precision: precision)
        case "interval":
            // The upper half restricts the fields (`interval year to month`), which drops the others silently.
            guard modifier < 0 || modifier >> 16 == 0x7fff else { return nil }
            let digits = modifier & 0xffff
            self = .interval(precision: modifier < 0 || digits == 0xffff ? 6 : digits)
        case "point": self = .point
        case "line": self = .line
        case "circle": self = .circle
        case "lseg", "box", "path", "polygon": self = .shape
        default: return nil
        }
    }

    private init?(extensionType name: String) {
        switch name {
        case "citext", "ltree", "isbn", "isbn13", "issn", "issn13", "ismn", "ismn13", "ean13", "upc":
            self = .text(limit: nil)
        case "hstore": self = .hstore
        case "geometry", "geography": self = .geometry
        case "vector", "halfvec": self = .vector
        case "sparsevec": self = .sparseVector
        default: return nil
        }
    }
}
