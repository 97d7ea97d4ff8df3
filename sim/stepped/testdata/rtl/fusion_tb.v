// Reads stim.txt: the number of beats, then for each beat the modes and signs of
// both operands and their words. Prints the sum of each beat and the cycles taken.

module fusion_tb;
    reg clk = 0;
    reg [31:0] weights = 0, acts = 0;
    reg [1:0] weight_mode = 0, act_mode = 0;
    reg weight_signed = 0, act_signed = 0;
    wire signed [31:0] sum;
    fusion unit (clk, weights, acts, weight_mode, act_mode, weight_signed, act_signed, 32'd0, sum);

    integer file, got, beats, beat, cycles;

    initial begin
        cycles = 0;
        file = $fopen("stim.txt", "r");
        got = $fscanf(file, "%d", beats);
        for (beat = 0; beat < beats; beat = beat + 1) begin
            got = $fscanf(file, "%d %d %d %d %h %h", weight_mode, act_mode, weight_signed, act_signed, weights, acts);
            #1 clk = 1;
            #1 clk = 0;
            cycles = cycles + 1;
            $display("out %0d %0d", beat, sum);
        end
        $display("cycles %0d", cycles);
    end
endmodule
