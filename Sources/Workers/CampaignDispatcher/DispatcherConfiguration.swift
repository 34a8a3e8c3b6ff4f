package import Campaigns
package import Contracts
import Crypto
import Foundation
import WorkerHost

/// The plans and corps in force at one moment.
package struct DispatcherConfiguration: Sendable {
    /// By corp. A corp without an entry has no plans.
    package var corps: [String: CorpPlans]
    /// Where each corp's secret for customer contact is.
    package var secrets: [String: String]

    package init(corps: [CorpPlans], secrets: [String: String]) {
        self.corps = Dictionary(corps.map { ($0.configuration.corpID, $0) }, uniquingKeysWith: { first, _ in first })
        self.secrets = secrets
    }

    /// The corps with a secret.
    package static func secrets(_ corps: [CorpsConfiguration]) -> [String: String] {
        Dictionary(
            corps.flatMap(\.corps).compactMap { corp in corp.contactSecret.map { (corp.id, $0) } },
            uniquingKeysWith: { first, _ in first })
    }
}

/// The plans of one corp, with their version.
package struct CorpPlans: Sendable {
    package var configuration: CampaignsConfiguration
    package var version: String
    package var calendar: BusinessCalendar

    package init(_ configuration: CampaignsConfiguration, version: String) {
        self.configuration = configuration
        self.version = version
        calendar = BusinessCalendar(timeZone: configuration.timeZone)
    }

    /// Compiles a record of ``Topics/campaigns``.
    package static func compile(key: String, value: [UInt8]) throws -> CorpPlans {
        CorpPlans(
            try JSONDecoder().decode(CampaignsConfiguration.self, from: Data(value)), version: SnapshotVersion.of(value)
        )
    }

    func step(_ planID: String, _ stepID: String) -> CampaignsConfiguration.Step? {
        configuration.plans.first { $0.id == planID }?.steps.first { $0.id == stepID }
    }
}

/// Tells one content from another: equal for equal texts and attachments.
enum ContentHash {
    static func of(_ step: CampaignsConfiguration.Step) -> String {
        var hash = SHA256()
        hash.update(data: Array(step.text.utf8))
        for attachment in step.attachments {
            let parts = [
                attachment.kind.rawValue, attachment.title, attachment.url, attachment.description,
                attachment.pictureURL, attachment.mediaID, attachment.appID, attachment.page,
            ]
            // 0xff and 0xfe never occur in UTF-8, so parts cannot run together.
            for part in parts { hash.update(data: [part == nil ? 0xfe : 0xff] + Array((part ?? "").utf8)) }
        }
        return hash.finalize().map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}

/// The lane that sends for an employee: a stable hash, the same in every process and for ever.
enum SenderLane {
    static func of(corpID: String, employeeID: String, laneCount: Int32) -> Int32 {
        // FNV-1a, 64 bits. Swift's own hashing is seeded per process.
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in Array(corpID.utf8) + [0xff] + Array(employeeID.lowercased().utf8) {
            hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3
        }
        return Int32(hash % UInt64(max(laneCount, 1)))
    }
}
