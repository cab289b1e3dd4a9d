import {registry} from "@web/core/registry";
import {dialogIsClosed, openMenu, patient, press} from "./tour_steps";

const answer = (text) => `.modal .o_field_widget[name=line_ids] .o_data_row td[name=answer]:contains(${text})`;

registry.category("web_tour.tours").add("account_dunning_why", {
    steps: () =>
        patient(
            openMenu(
                "account_dunning.dunning_collections_menu",
                "account_dunning.account_collection_plan_menu",
                "Collection Plans",
            ),
            {
                content: "Open the collection plan",
                trigger: ".o_list_view .o_data_row:contains(Ann) td[name=partner_id]",
                run: "click",
            },
            press("action_why"),
            {
                content: "Nothing is due today, and the answer says what comes next, and why not today",
                trigger: `${answer("Next: Test 20 on 06/09/2026")}:contains(its delay reaches the level then)`,
            },
            {
                content: "Begin to change the day",
                trigger: ".modal .o_field_widget[name=date] button",
                run: "click",
            },
            {
                content: "Ask for another day",
                trigger: ".modal .o_field_widget[name=date] input",
                run: "edit 06/10/2026 && press Enter",
            },
            {
                content: "On that day the level is due",
                trigger: answer("Due now: Test 20"),
            },
            {
                content: "Close the answer",
                trigger: ".modal .modal-footer button:contains(Close)",
                run: "click",
            },
            dialogIsClosed(),
        ),
});
