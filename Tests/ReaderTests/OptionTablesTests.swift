import Commands
import Foundation
import Testing

@testable import Reader

@Suite struct OptionTablesTests {
    @Test func `docs/options.md has the options that the program takes`() throws {
        let arguments = ["--generate-option-tables"]
        guard
            case .print(let tables) = Invocation(
                of: ReaderCommand.self,
                arguments,
                environment: { _ in nil },
                width: 80
            )
        else {
            Issue.record("the program makes no tables")
            return
        }
        let file = URL(filePath: #filePath).appending(path: "../../../docs/options.md").standardized
        let text = try String(contentsOf: file, encoding: .utf8)
        #expect(text.contains(tables), "run `make docs`")
    }
}
