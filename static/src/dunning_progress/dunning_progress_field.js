import {Component, useEffect} from "@odoo/owl";
import {registry} from "@web/core/registry";
import {standardFieldProps} from "@web/views/fields/standard_field_props";

const AT_WORK = ["proposing", "issuing", "running"];
const INTERVAL = 2000;

/**
 * Progress bar of a dunning run, or a simulation. While it works, the record is read again every two seconds, so
 * that the whole form follows; a record with unsaved changes is left alone.
 */
export class DunningProgressField extends Component {
    static template = "account_dunning.DunningProgressField";
    static props = {...standardFieldProps};

    setup() {
        useEffect(
            (atWork) => {
                if (atWork) {
                    return this.follow();
                }
            },
            () => [this.atWork, this.props.record.resId],
        );
    }

    get atWork() {
        return AT_WORK.includes(this.props.record.data.state);
    }

    get percent() {
        return Math.round(Math.min(this.props.record.data[this.props.name] || 0, 100));
    }

    /** Read the record again and again; the returned function ends it. One request at a time. */
    follow() {
        let timer = 0;
        let ended = false;
        const read = async () => {
            if (!this.props.record.dirty) {
                await this.props.record.load();
            }
            if (!ended) {
                timer = setTimeout(read, INTERVAL);
            }
        };
        timer = setTimeout(read, INTERVAL);
        return () => {
            ended = true;
            clearTimeout(timer);
        };
    }
}

export const dunningProgressField = {
    component: DunningProgressField,
    supportedTypes: ["float"],
    fieldDependencies: [
        {name: "state", type: "selection"},
        {name: "progress_text", type: "char"},
    ],
};

registry.category("fields").add("dunning_progress", dunningProgressField);
