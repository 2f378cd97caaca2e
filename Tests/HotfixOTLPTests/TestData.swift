import Foundation
import Testing

/// A file of the tests' data.
func testData(_ name: String) throws -> Data {
    let url = try #require(Bundle.module.url(forResource: "Data/\(name)", withExtension: nil))
    return try Data(contentsOf: url)
}
