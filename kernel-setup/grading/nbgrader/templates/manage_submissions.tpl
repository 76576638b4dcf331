{%- extends 'nbgrader/manage_submissions.tpl' -%}

{%- block head -%}
{{ super() }}
<style>.autograde { display: none }</style>
<script>
// A submission that is not in the gradebook yet is graded by the command above, not by a click.
(function (render) {
    SubmissionUI.prototype.render = function () {
        render.call(this);
        this.$autograde.empty();
        if (!this.model.get("autograded")) this.$status.find(".label").text("not graded yet");
    };
    SubmissionUI.prototype.autograde = function () {};
})(SubmissionUI.prototype.render);
</script>
{%- endblock head -%}

{%- block messages -%}
<div class="panel panel-default">
  <div class="panel-body">
    <p>Vitrine grades the code, each submission in a sandbox. In a terminal, for all of them or for one:</p>
    <pre>npx vitrine grade {{ assignment_id }}
npx vitrine grade {{ assignment_id }} --students STUDENT</pre>
    <p>nbgrader's own <em>autograde</em> is not here: it would run students' code with your rights.</p>
  </div>
</div>
{%- endblock -%}

{%- block table_header -%}
{{ super() | replace('<th class="text-center no-sort">Autograde</th>', '<th class="autograde">Autograde</th>') }}
{%- endblock -%}
