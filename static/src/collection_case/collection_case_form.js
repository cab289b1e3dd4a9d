import {registry} from "@web/core/registry";
import {ListRenderer} from "@web/views/list/list_renderer";
import {X2ManyField, x2ManyField} from "@web/views/fields/x2many/x2many_field";
import {FormController} from "@web/views/form/form_controller";
import {formView} from "@web/views/form/form_view";

/** Lets the records of a list in a form be ticked; the client knows that of lists of their own only. */
function makeTickable(list) {
    if (list && !Object.hasOwn(list, "toggleSelection")) {
        Object.defineProperties(list, {
            selection: {get: () => list.records.filter((record) => record.selected)},
            toggleSelection: {
                value: () => {
                    const ticked = list.records.every((record) => record.selected);
                    list.records.forEach((record) => record.toggleSelection(!ticked));
                },
            },
        });
    }
    return list;
}

/** A list in a form whose rows can be ticked; the sums below it are then those of what is ticked. */
class TickedListRenderer extends ListRenderer {
    get hasSelectors() {
        return true;
    }
}

export class TickedItemsField extends X2ManyField {
    static components = {...X2ManyField.components, ListRenderer: TickedListRenderer};

    get list() {
        return makeTickable(super.list);
    }
}

registry.category("fields").add("ticked_items", {...x2ManyField, component: TickedItemsField});

// The buttons that work on what is ticked; they get it as their argument.
const ON_TICKED = new Set([
    "action_log_call",
    "action_promise",
    "action_dispute",
    "action_send",
    "action_postpone",
    "action_more",
]);

/** The buttons of a case get what is ticked of its items; the server looks whether they are the customer's. */
export class CollectionCaseFormController extends FormController {
    async beforeExecuteActionButton(clickParams) {
        if (ON_TICKED.has(clickParams.name)) {
            const ticked = this.model.root.data.item_ids?.selection ?? [];
            clickParams.args = JSON.stringify([ticked.map((record) => record.resId)]);
        }
        return super.beforeExecuteActionButton(...arguments);
    }
}

registry.category("views").add("collection_case_form", {...formView, Controller: CollectionCaseFormController});
