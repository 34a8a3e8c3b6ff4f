package import Contracts

/// The file behind `scrm directory apply`: departments, employees and who leads whom.
package enum DirectoryFile: ConfigurationFile {
    package static let kind = DirectoryConfiguration.kind
    package static let topic = Topics.directory
    package static let users = [Schema.archive, .monitor, .alerting]

    package static func key(of value: DirectoryConfiguration) -> String { "\(value.corpID)/\(kind)" }

    package static func summary(_ value: DirectoryConfiguration) -> String {
        "departments: \(value.departments.count), employees: \(value.employees.count)"
    }

    package static func read(_ text: String, corpID: String?) throws(FileFaults) -> DirectoryConfiguration {
        let root = try FileNode(parsing: text)
        var faults: [FileFault] = []
        guard let file = FileMapping(root, allowed: ["corp_id", "departments", "employees"], faults: &faults) else {
            throw FileFaults(faults)
        }
        let corp = Self.corpID(file, option: corpID, faults: &faults)
        let departments = departments(file, faults: &faults)
        let employees = employees(file, departments: Set(departments.map(\.value.id)), faults: &faults)
        let known = Set(employees.map { $0.id.lowercased() })
        for (department, mapping) in departments {
            for leader in department.leaders where !known.contains(leader.lowercased()) {
                faults.append(mapping.fault("leaders", "\(leader) is not among the employees"))
            }
        }
        faults += DepartmentTree.faults(departments.map { ($0.value, $0.mapping) })
        guard faults.isEmpty else { throw FileFaults(faults) }
        return DirectoryConfiguration(corpID: corp, departments: departments.map(\.value), employees: employees)
    }

    package static func changes(from old: DirectoryConfiguration?, to new: DirectoryConfiguration) -> [String] {
        SetDifference.lines(
            "department", from: old?.departments ?? [], to: new.departments, id: { String($0.id) },
            title: { "\($0.id) \($0.name)" },
            detail: { before, after in
                SetDifference.field("name", before.name, after.name)
                    + SetDifference.field("parent", text(before.parentID), text(after.parentID))
                    + SetDifference.counts("leaders", before.leaders, after.leaders)
            })
            + SetDifference.lines(
                "employee", from: old?.employees ?? [], to: new.employees, id: { $0.id.lowercased() },
                title: { "\($0.id) \($0.name)" },
                detail: { before, after in
                    SetDifference.field("name", before.name, after.name)
                        + SetDifference.field("department", before.departmentID, after.departmentID)
                        + SetDifference.field("absent", before.absent, after.absent)
                })
    }

    private static func text(_ id: Int?) -> String { id.map(String.init) ?? "none" }

    private static func departments(
        _ file: FileMapping, faults: inout [FileFault]
    ) -> [(value: DirectoryConfiguration.Department, mapping: FileMapping)] {
        let nodes = file.list("departments", faults: &faults)
        if nodes.isEmpty { faults.append(file.fault("departments", "must name at least one department")) }
        var seen: Set<Int> = []
        return nodes.compactMap { node in
            guard let item = FileMapping(node, allowed: ["id", "name", "parent_id", "leaders"], faults: &faults) else {
                return nil
            }
            let id = item.requiredInteger("id", faults: &faults)
            if !seen.insert(id).inserted { faults.append(item.fault("id", "department \(id) is given twice")) }
            return (
                DirectoryConfiguration.Department(
                    id: id, name: item.text("name", faults: &faults),
                    parentID: item.integer("parent_id", faults: &faults),
                    leaders: item.texts("leaders", faults: &faults)), item
            )
        }
    }

    private static func employees(
        _ file: FileMapping, departments: Set<Int>, faults: inout [FileFault]
    ) -> [DirectoryConfiguration.Employee] {
        var seen: Set<String> = []
        return file.list("employees", faults: &faults).compactMap { node in
            guard let item = FileMapping(node, allowed: ["id", "name", "department_id", "absent"], faults: &faults)
            else {
                return nil
            }
            let id = item.text("id", faults: &faults)
            if !id.isEmpty, !seen.insert(id.lowercased()).inserted {
                faults.append(item.fault("id", "\(id) is given twice (ids are compared without regard to case)"))
            }
            let department = item.requiredInteger("department_id", faults: &faults)
            if item.node("department_id")?.integer != nil, !departments.contains(department) {
                faults.append(item.fault("department_id", "there is no department \(department)"))
            }
            return .init(
                id: id, name: item.text("name", faults: &faults), departmentID: department,
                absent: item.boolean("absent", default: false, faults: &faults))
        }
    }
}
