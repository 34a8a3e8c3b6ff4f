import Foundation
package import Testing

extension Trait where Self == ConditionTrait {
    /// Skips without a PostgreSQL server, unless `REQUIRE_INTEGRATION=1`, when its absence is a failure.
    package static var requiresPostgres: ConditionTrait {
        .enabled("needs a PostgreSQL server: set PGHOST (scripts/test does)") {
            let environment = ProcessInfo.processInfo.environment
            return environment["REQUIRE_INTEGRATION"] == "1" || environment["PGHOST"] != nil
        }
    }
}
