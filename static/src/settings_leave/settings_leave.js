import {patch} from "@web/core/utils/patch";
import {SettingsFormController} from "@web/webclient/settings_form_view/settings_form_controller";

/**
 * The button of a refusal opens what stands in the way: it leaves the page without asking whether to save what has just
 * been refused. Other forms do so by themselves; the page of settings asks.
 */
patch(SettingsFormController.prototype, {
    async beforeLeave({forceLeave} = {}) {
        return forceLeave ? undefined : super.beforeLeave(...arguments);
    },
});
