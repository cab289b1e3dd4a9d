import {registry} from "@web/core/registry";
import {DomainField, domainField} from "@web/views/fields/domain/domain_field";

/** The rule of a dunning type: unlike other domains, an empty one matches nobody, and the field says so. */
export class RuleDomainField extends DomainField {
    static template = "account_dunning.RuleDomainField";

    get isEmpty() {
        return this.getDomain() === "[]";
    }
}

registry.category("fields").add("dunning_rule_domain", {...domainField, component: RuleDomainField});
