import Alerting
import Contracts

/// What is odd about a directory that is valid by itself. Pure.
enum DirectoryFindings {
    static func warnings(_ value: DirectoryConfiguration, corps: CorpsConfiguration?) -> [String] {
        let directory = Directory(value)
        let staffed = Dictionary(grouping: value.employees, by: \.departmentID)
        var warnings: [String] = []
        for department in value.departments {
            let present = department.leaders.compactMap(directory.employee(_:)).filter { !$0.absent }
            guard present.isEmpty, let somebody = staffed[department.id]?.first else { continue }
            let why = department.leaders.isEmpty ? "has no leader" : "has no leader present"
            let name = "department \(department.id) \(department.name)"
            if let leading = directory.leading(somebody.id) {
                let place = "\(leading.leader.id) of department \(leading.departmentID)"
                warnings.append("\(name) \(why): its alerts go to \(place)")
            } else {
                warnings.append("\(name) \(why), nor has any above it: its alerts go to the rules' recipients")
            }
        }
        guard let corp = corps?.corps.first(where: { $0.id == value.corpID }) else { return warnings }
        let departments = Set(value.departments.map(\.id))
        for (index, route) in (corp.routes ?? []).enumerated() {
            for person in route.recipients where directory.employee(person) == nil {
                warnings.append("route \(index + 1) of the corp names \(person), who is not among the employees")
            }
            for id in route.departments ?? [] where !departments.contains(id) {
                warnings.append("route \(index + 1) of the corp names department \(id), which does not exist")
            }
        }
        return warnings
    }
}
