import {registry} from "@web/core/registry";
import {dialogIsClosed, patient, press} from "./tour_steps";

registry.category("web_tour.tours").add("account_dunning_returned_payment", {
    steps: () =>
        patient(
            press("action_dunning_return"),
            {
                content: "Tell what the bank says",
                trigger: ".modal .o_field_widget[name=reason] input",
                run: "edit Account closed",
            },
            {content: "Book it", trigger: ".modal .modal-footer button[name=action_apply]:enabled", run: "click"},
            dialogIsClosed(),
            {
                content: "The payment says that it came back",
                trigger: ".o_form_view .alert:contains(Returned by the bank on)",
            },
            {
                content: "The button is gone",
                trigger: ".o_form_view:not(:has(button[name=action_dunning_return]))",
            },
        ),
});
